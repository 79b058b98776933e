// What the codes of SQLite and of the system mean.

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
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/temp"
)

// Diagnose returns for an error of SQLite the state of package fault that its code means
// (https://sqlite.org/rescode.html), and looks for the cause: [fault.ErrBusy],
// [fault.ErrNotDatabase], [fault.ErrCorrupt], [fault.ErrReadOnly] and others. Other
// errors, and nil, stay as they are.
func (d *DB) Diagnose(err error) error {
	if err == nil {
		return nil
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Primary() {
	case sqlite.Busy, sqlite.Locked:
		return fault.Of(fault.ErrBusy, "is locked%s", HeldBy(d.Path))
	case sqlite.NotADB:
		return fault.ErrNotDatabase
	case sqlite.Corrupt:
		return fault.Of(fault.ErrCorrupt, "is damaged: %s", e.Msg)
	case sqlite.Full:
		return full(err, d.rooms())
	case sqlite.Perm, sqlite.CantOpen, sqlite.Readonly:
		switch e.Code {
		case sqlite.ReadonlyRollback:
			return fault.ErrUnfinished
		case sqlite.CantOpenSymlink:
			return fault.Of(fault.ErrRefused, "a symbolic link has replaced %s, or a directory above it", d.Path)
		}
		switch errno := syscall.Errno(e.Errno); errno {
		case syscall.EMFILE, syscall.ENFILE, syscall.ENAMETOOLONG:
			return fault.Of(errno, "cannot be opened: %s: %v", e.Msg, errno)
		case syscall.ENOENT:
			if why := d.Precheck(); why != nil {
				return why
			}
		case syscall.EROFS:
			return fault.ErrReadOnly
		case syscall.EACCES, syscall.EPERM:
			if why := d.Unwritable(); why != nil {
				return why
			}
			return fault.Of(fs.ErrPermission, "no permission to open it")
		}
		if why := d.Unwritable(); why != nil {
			return why
		}
	case sqlite.IOErr:
		if e.Code == sqlite.IOErrGetTempPath {
			return fault.Of(syscall.Errno(e.Errno), "cannot create temporary files in %s or %s: %s=DIR names another directory for them",
				strings.Join(temp.Places(), ", "), filepath.Dir(d.Path), temp.SQLiteVariable)
		}
		if e.Errno != 0 {
			return fault.Of(syscall.Errno(e.Errno), "%s: %v", e.Msg, syscall.Errno(e.Errno))
		}
	}
	return err
}

// full returns for SQLITE_FULL an ENOSPC that names the disks in rooms. Other errors stay
// as they are.
func full(err error, rooms string) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Primary() != sqlite.Full {
		return err
	}
	return fault.Of(syscall.ENOSPC, "the disk is full: %s%s", e.Msg, rooms)
}

// rooms names the two disks that may be full if temporary files go to another disk than
// the database. SQLite does not tell which one is, and nor does the space that is free
// now: a failure frees what it had used. A database that is temporary itself is on the
// first. It gives "" if there is no other directory to suggest.
func (d *DB) rooms() string {
	dir, at, variables := filepath.Dir(d.Path), sqlite.TempDir(), []string{}
	if temp.Holds(dir) {
		dir, variables = os.TempDir(), append(variables, temp.Variable)
	}
	apart := at != "" && !sameDisk(dir, at)
	if apart && (len(variables) == 0 || os.Getenv(temp.SQLiteVariable) != "") {
		variables = append(variables, temp.SQLiteVariable)
	}
	switch names := strings.Join(variables, "=DIR or "); {
	case names == "":
		return ""
	case apart:
		return fmt.Sprintf(" (%s, or %s, where temporary files go: %s=DIR names another directory for them)", dir, at, names)
	default:
		return fmt.Sprintf(" (%s: %s=DIR names another directory for it)", dir, names)
	}
}

// Unwritable reports why SQLite cannot write to the file, or make its journal beside it;
// nil if it can. Errors: fs.ErrPermission, [fault.ErrReadOnly].
func (d *DB) Unwritable() error {
	file := d.Path
	for _, path := range []string{file, filepath.Dir(file)} {
		err := Writable(path)
		switch {
		case path == file && errors.Is(Readable(path), fs.ErrPermission):
			return fault.Of(fs.ErrPermission, "no permission to read it")
		case errors.Is(err, syscall.EROFS):
			return fault.ErrReadOnly
		case err != nil && path == file:
			return fault.Of(fs.ErrPermission, "no permission to write to it")
		case err != nil:
			return fault.Of(fs.ErrPermission, "no permission to create files beside it, as SQLite needs to: %s", path)
		}
	}
	return nil
}

// onlyRead reports why SQLite opened for reading a database that it may write to. It
// also does so if its first attempt fails, as when too many files are open.
func onlyRead(c *sqlite.Conn) error {
	var header [20]byte
	f, err := c.File()
	if err == nil {
		_, err = f.ReadAt(header[:], 0)
	}
	switch {
	case err != nil:
		return err
	case header[18] > 2: // https://sqlite.org/fileformat2.html#file_format_version_numbers
		return fault.Of(fault.ErrReadOnly, "can only be read: its header forbids writing, or a newer SQLite wrote it")
	}
	return fault.Of(syscall.EMFILE, "could only be opened for reading, although it is writable: there may be too many open files")
}
