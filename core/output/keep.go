// Files that are not replaced. The rule: what counts is where a path leads and what is
// there, not how it is written.

package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"fastmigrate/core/filename"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/regex"
)

// Keep names files of a project that must not be replaced, in addition to those that are
// recognised by their content or their names. The zero value names none.
type Keep struct {
	DB    string   // the database, which need not exist; "" if there is none
	Files []string // the configuration and others
}

// ErrKept: the file must not be replaced, or its name has a special meaning.
var ErrKept = errors.New("it must not be replaced")

// refusal is an [ErrKept] that says why.
type refusal string

func (r refusal) Error() string      { return string(r) }
func (refusal) Is(target error) bool { return target == ErrKept }

// suffixes are the suffixes of the files that belong to a database.
var suffixes = []string{"", "-wal", "-shm", "-journal"}

// check reports why the path must not be written to.
func (f *File) check() (err error) {
	if f.target, err = files.Resolve(f.path); err != nil {
		return err
	}
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(f.target)); err != nil {
			return &fs.PathError{Op: "open", Path: f.path, Err: errors.Unwrap(err)}
		}
		info = nil
	case err != nil:
		return err
	case info.IsDir():
		return syscall.EISDIR
	case info.Mode().IsRegular():
	case info.Mode()&fs.ModeDevice != 0 && info.Mode()&fs.ModeCharDevice == 0:
		return refusal("it is a disk")
	default: // a pipe or a terminal
		return nil
	}
	if err := f.project(info); err != nil {
		return err
	}
	if err := f.names(info); err != nil || info == nil {
		return err
	}
	switch is, err := files.IsDatabase(f.path); {
	case err != nil:
		return refusal("it cannot be read to check that it is not a database")
	case is:
		return refusal("it is a database, or part of one")
	}
	return nil
}

// project refuses the database and the files to keep, whatever path leads to them.
func (f *File) project(info fs.FileInfo) error {
	same := func(path string) bool {
		real, err := files.Resolve(path)
		other, missing := os.Stat(path)
		return err == nil && real == f.target || info != nil && missing == nil && os.SameFile(info, other)
	}
	for _, path := range f.keep.Files {
		if same(path) {
			return refusal("it is the file " + path)
		}
	}
	if f.keep.DB == "" {
		return nil
	}
	real, err := files.Resolve(f.keep.DB)
	if err != nil {
		return nil // nothing leads there
	}
	for _, suffix := range suffixes {
		switch {
		case !same(f.keep.DB+suffix) && !same(real+suffix):
		case suffix == "":
			return refusal("it is the database")
		default:
			return refusal("it is the " + suffix + " of the database")
		}
	}
	return nil
}

// names refuses a file if its name has a meaning.
func (f *File) names(info fs.FileInfo) error {
	for _, path := range []string{f.path, f.target} {
		name := strings.ToLower(filepath.Base(path)) // as file systems may read it
		switch {
		case naming.IsMigration(name):
			return refusal("it has the name of a migration")
		case strings.HasSuffix(name, ".star") || name == "fastmigratefile" || name == ".fastmigrate":
			return refusal("it has the name of a file that fastmigrate reads")
		case filename.IsInternal(name):
			return refusal("it has the name of an internal file of fastmigrate")
		case info != nil && copied.MatchString(name):
			return refusal("it has the name of a copy of a database")
		}
		if slices.ContainsFunc(suffixes[1:], func(suffix string) bool {
			of, ok := strings.CutSuffix(path, suffix)
			is, _ := files.IsDatabase(of)
			return ok && is
		}) {
			return refusal("it has the name of a part of a database")
		}
	}
	return nil
}

// copied matches the names of backups, and of copies of damaged databases.
var copied = regex.New(`\.\d{8}_\d{6}\.(backup|damaged)`)
