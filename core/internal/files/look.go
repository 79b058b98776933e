// What a path leads to.

package files

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Resolve is the absolute path of what path leads to, without symbolic links, as far
// as there is something: a link that leads nowhere is followed too.
func Resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	for range 255 {
		if err != nil {
			return "", err
		}
		var dir, to string
		if dir, err = resolveDir(filepath.Dir(abs)); err != nil {
			return "", err
		}
		abs = filepath.Join(dir, filepath.Base(abs))
		if to, err = os.Readlink(abs); err != nil {
			return abs, nil
		}
		if filepath.IsAbs(to) {
			abs = to
		} else {
			abs, err = filepath.Join(dir, to), nil
		}
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

// resolveDir is Resolve for a directory, which may be missing.
func resolveDir(dir string) (string, error) {
	if real, err := filepath.EvalSymlinks(dir); err == nil || dir == filepath.Dir(dir) {
		return real, err
	}
	return Resolve(dir)
}

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
