// Copies of files, which nothing has to survive: they are not synced.

package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Copy copies the file from to a new file, which only its owner can read. Errors:
// fs.ErrExist if there is such a file, which stays as it is.
func Copy(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, source)
	return errors.Join(err, f.Close())
}

// CopyPlain copies the regular files of the directory from, which may be missing, to the
// directory to. It skips files whose new path is taken, directories, databases, and the
// files that SQLite has beside databases.
func CopyPlain(from, to string, taken func(to string) bool) error {
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		from, to := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if info, err := os.Stat(from); err != nil || !info.Mode().IsRegular() || taken(to) || ofDatabase(from) {
			continue
		}
		if err := Copy(from, to); err != nil {
			return err
		}
	}
	return nil
}

// ofDatabase reports whether a file is a database or a part of one, by its first bytes
// or its name.
func ofDatabase(path string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	is, _ := IsDatabase(path)
	return is
}
