// Package files makes and names files and directories so that they stay: before a
// function returns, what it made is on disk, and so is its name in every new
// directory above it. A file has its name only once it is complete.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"

	"fastmigrate/core/temp"
)

// scheme is a directory that only a URL has, given for a path: of a driver, or file.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:$`)

// MakeDirs makes the directory dir and those above it that are missing, each synced
// into its parent, and lists those that it made, the deepest first, also beside an
// error.
func MakeDirs(dir string, mode fs.FileMode) (made []string, err error) {
	dir = filepath.Clean(dir)
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	}
	parent := filepath.Dir(dir)
	if err == nil || parent == dir {
		return nil, err
	}
	if scheme.MatchString(filepath.Base(dir)) {
		return nil, &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("a URL begins like this, and no path")}
	}
	if made, err = MakeDirs(parent, mode); err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, mode); err == nil {
		made = append([]string{dir}, made...)
	} else if info, missing := os.Stat(dir); missing != nil || !info.IsDir() { // else another process was faster
		return made, err
	}
	return made, SyncDir(parent)
}

// RemoveDirs removes directories that MakeDirs made, unless there is something in
// them.
func RemoveDirs(made []string) {
	for _, dir := range made {
		os.Remove(dir)
	}
}

// Temporary makes an empty file beside path, with another name, and gives its path.
func Temporary(path string, mode fs.FileMode) (string, error) {
	f, err := temp.File(filepath.Dir(path), mode)
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// Publish gives the finished file its name, which must be free, else
// fs.ErrExist.
func Publish(file, name string) error {
	if err := sync(file); err != nil {
		return err
	}
	return Rename(file, name)
}

// WriteNew writes a file that must not be there yet, all of it or nothing.
// Errors: fs.ErrExist.
func WriteNew(name string, content []byte, mode fs.FileMode) error {
	temp, err := Temporary(name, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.WriteFile(temp, content, mode); err != nil {
		return err
	}
	return Publish(temp, name)
}

// Replace gives a regular file that is there another content, all of it or nothing.
// Its mode and, if possible, its owner stay.
func Replace(name string, content []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	temp, err := Temporary(name, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.WriteFile(temp, content, 0o600); err != nil {
		return err
	}
	keepOwner(temp, info)
	if err := os.Chmod(temp, info.Mode().Perm()); err != nil {
		return err
	}
	if err := sync(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(name))
}

// Rename gives a file another name, which must be free, else fs.ErrExist.
func Rename(from, to string) error {
	if err := rename(from, to); err != nil {
		return &fs.PathError{Op: "rename", Path: to, Err: err}
	}
	return SyncDir(filepath.Dir(to))
}

// sync has the content of a file on disk.
func sync(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) { // as of a copy of what may only be read
		f, err = os.Open(path)
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}
