package file

import (
	"io/fs"
	"os"
)

// Writable reports why path cannot be written to; nil if it can. On Windows only the
// read-only attribute of the file is known.
func Writable(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() && info.Mode().Perm()&0o200 == 0 {
		return fs.ErrPermission
	}
	return err
}

// Readable always gives nil on Windows.
func Readable(string) error { return nil }

// MatchOwner does nothing: a new file inherits the rights of its directory.
func MatchOwner(path, like string) error { return nil }
