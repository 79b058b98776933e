// Where a path leads, and whether that is a database.

package files

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Resolve returns the absolute path to which path leads, without symbolic links; nothing
// needs to exist there, and a link that leads nowhere is followed too. A .. after a link
// is taken from where the link leads, as the system does. Errors: ELOOP, or what the
// system says.
func Resolve(path string) (string, error) {
	path, err := absolute(path)
	if err != nil {
		return "", err
	}
	for range 255 {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real, nil
		}
		dir, base := filepath.Split(strings.TrimRight(path, separators))
		switch base {
		case "":
			return path, nil
		case ".", "..": // of a directory that does not exist
			return Resolve(filepath.Clean(path))
		}
		dir, err := Resolve(dir)
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, base)
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil
		}
		if path = to; !filepath.IsAbs(to) {
			path = dir + string(filepath.Separator) + to
		}
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

var separators = "/" + string(filepath.Separator)

// IsDatabase reports whether a file is an SQLite database, or the -wal or the
// -journal of one, by its first bytes (https://sqlite.org/fileformat2.html).
func IsDatabase(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var head [16]byte
	n, err := io.ReadFull(f, head[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	for _, magic := range []string{"SQLite format 3\x00", "\x37\x7f\x06\x82", "\x37\x7f\x06\x83", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"} {
		if strings.HasPrefix(string(head[:n]), magic) {
			return true, nil
		}
	}
	return false, err
}
