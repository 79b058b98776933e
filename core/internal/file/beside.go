// Files beside a database: those that are made there, and what is in their way.

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/temp"
)

// Temporary makes an empty file beside path, with another name, and gives its path.
// Errors name the directory: [fault.ErrReadOnly], or what the system says.
func Temporary(path string, mode fs.FileMode) (string, error) {
	temp, err := files.Temporary(path, mode)
	switch dir := filepath.Dir(path); {
	case errors.Is(err, syscall.EROFS):
		return "", fault.Of(fault.ErrReadOnly, "%s is on a read-only file system", dir)
	case err != nil:
		return "", fmt.Errorf("cannot create files in %s: %w", dir, fault.WithoutPath(err))
	}
	return temp, nil
}

// Discard removes a temporary database and what SQLite may have put beside it.
func Discard(path string) {
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		os.Remove(path + suffix)
	}
}

// WriteNew writes a file that must not exist yet, completely or not at all. Errors:
// fs.ErrExist.
func WriteNew(file string, text []byte, mode fs.FileMode) error {
	err := files.WriteNew(file, text, mode)
	if errors.Is(err, fs.ErrExist) {
		return fault.Of(fs.ErrExist, "%s already exists", file)
	}
	return err
}

// PendingLog names a -wal with content, or a -journal that SQLite would roll back; ""
// if there is none.
func (d *DB) PendingLog() string {
	switch {
	case files.Size(d.Path+"-wal") > 0:
		return d.Shown + "-wal"
	case d.HotJournal():
		return d.Shown + "-journal"
	}
	return ""
}

// CheckLink reports a symbolic link in the name of d that leads nowhere: no database
// can be made in its place. Errors: fs.ErrExist.
func (d *DB) CheckLink() error {
	named := strings.TrimRight(d.Name, separators)
	link, to := DanglingLink(named)
	switch link {
	case "":
		return nil
	case named:
		return fault.Of(fs.ErrExist, "is a symbolic link to %s, which does not exist", to)
	}
	return fault.Of(fs.ErrExist, "%s is a symbolic link to %s, which does not exist", link, to)
}

// DanglingLink finds the symbolic link in a path that leads nowhere, and gives its path
// and its text; "" if there is none.
func DanglingLink(path string) (link, to string) {
	for ; ; path = filepath.Dir(path) {
		if to, err := os.Readlink(path); err == nil {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return path, to
			}
		}
		if path == filepath.Dir(path) {
			return "", ""
		}
	}
}

// ScratchDir makes a directory for a copy where temporary files go, or in beside if
// there is no such place. Its path has no symbolic links.
func ScratchDir(beside string) (string, error) {
	dir, err := temp.Scratch(temp.Hidden, beside)
	if err != nil {
		return "", err
	}
	return files.Resolve(dir)
}
