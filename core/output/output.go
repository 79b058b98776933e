// Package output writes the result of a command to the file that the user named:
//
//	f, err := output.Open(path, output.Keep{DB: db}) // before any work
//	err = f.Write(ctx, content)
//
// The invariant: databases and the files of a project are never replaced, by whatever
// path.
package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"fastmigrate/core/filename"
	"fastmigrate/core/input"
	"fastmigrate/core/internal/files"
)

// File is a file to write to. [Open] returns one.
type File struct {
	path   string // as it was given
	target string // what it leads to
	keep   Keep
}

// Open refuses a path that must not be written to. It does not create or open the file
// yet. Errors: [ErrKept]; [fs.ErrNotExist] if the directory is missing, with a [File]
// that can be written once it exists.
func Open(path string, keep Keep) (*File, error) {
	f := &File{path: path, keep: keep}
	if err := filename.Plain(path, path); err != nil {
		return f, fmt.Errorf("it cannot be written: %w", err)
	}
	err := f.check()
	if errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	return f, f.say(err)
}

// IsStandard reports whether a path means standard output.
func IsStandard(path string) bool {
	switch filepath.ToSlash(path) {
	case "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return true
	}
	return false
}

// Write replaces the content of the file, completely and on disk, or leaves it unchanged.
// The mode stays. A pipe, a device, and a file whose directory does not permit replacing
// it are written in place.
func (f *File) Write(ctx context.Context, content []byte) error {
	if err := f.check(); err != nil { // something else may have the name now
		return f.say(err)
	}
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = files.WriteNew(f.target, content, 0o666)
	case err != nil:
	case !info.Mode().IsRegular() || isDescriptor(f.path):
		err = f.pour(ctx, content)
	default:
		err = files.Replace(f.target, content)
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EBUSY) { // as for a mounted file
			err = overwrite(f.target, content)
		}
	}
	return f.say(err)
}

// New writes a new file, completely and on disk, or not at all. Errors: [fs.ErrExist].
func New(path string, content []byte) error { return files.WriteNew(path, content, 0o666) }

// MakeDirs creates the directory dir and missing directories above it. It returns the
// directories that it created, the deepest first, even if it fails.
func MakeDirs(dir string) (made []string, err error) { return files.MakeDirs(dir, 0o777) }

// say adds the path that the user gave to an error.
func (f *File) say(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("write %s: %w", f.path, err)
}

// pour writes to a pipe or a device, which may wait for a reader.
func (f *File) pour(ctx context.Context, content []byte) error {
	var err error
	if stopped := input.Until(ctx, func() {
		var to *os.File
		if to, err = os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND, 0); err == nil {
			_, err = to.Write(content)
			err = errors.Join(err, to.Close())
		}
	}); stopped != nil {
		return stopped
	}
	return err
}

func overwrite(path string, content []byte) error {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = to.Write(content)
	return errors.Join(err, to.Sync(), to.Close())
}

// isDescriptor reports whether a path names an open file: its owner would not see another
// file in its place.
func isDescriptor(path string) bool {
	path = filepath.ToSlash(filepath.Clean(path))
	return path == "/dev/stderr" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/")
}
