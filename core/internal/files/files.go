// Package files makes and renames files and directories that survive a power loss.
//
// The invariants: before a function returns, the content that it wrote is on disk, and so
// is the name in every new directory above. A file gets its name only when it is
// complete.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"fastmigrate/core/regex"
	"fastmigrate/core/temp"
)

// scheme matches the first part of a URL that was given for a path.
var scheme = regex.New(`^[A-Za-z][A-Za-z0-9+.-]+:$`)

// MakeDirs makes the directory dir and those above it that are missing, and syncs each
// parent. It lists the directories that it made, the deepest first, even if it fails.
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
		return nil, &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("it begins like a URL, not a path")}
	}
	if made, err = MakeDirs(parent, mode); err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, mode); err == nil {
		made = append([]string{dir}, made...)
	} else if info, missing := os.Stat(dir); missing != nil || !info.IsDir() { // otherwise another process was faster
		return made, err
	}
	return made, SyncDir(parent)
}

// RemoveDirs removes directories that [MakeDirs] made, if they are empty.
func RemoveDirs(made []string) {
	for _, dir := range made {
		os.Remove(dir)
	}
}

// Temporary makes an empty file beside path, with a name that tells its process, and
// gives its path. Nothing is synced: see [Publish].
func Temporary(path string, mode fs.FileMode) (string, error) {
	f, err := temp.File(filepath.Dir(path), mode)
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// Publish syncs a finished file and gives it its name in the same file system. Errors:
// fs.ErrExist if the name is taken.
func Publish(file, name string) error {
	if err := sync(file); err != nil {
		return err
	}
	return Rename(file, name)
}

// WriteNew writes a file that must not exist yet, completely or not at all. Errors:
// fs.ErrExist.
func WriteNew(name string, content []byte, mode fs.FileMode) error {
	temp, err := Temporary(name, mode)
	if e := (*fs.PathError)(nil); errors.As(err, &e) { // the name of the temporary file says nothing
		return &fs.PathError{Op: "create", Path: name, Err: e.Err}
	}
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.WriteFile(temp, content, mode); err != nil {
		return err
	}
	return Publish(temp, name)
}

// Replace gives an existing regular file another content, completely or not at all. It
// keeps the mode and, if possible, the owner.
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

// Rename gives a file another name in the same file system. Errors: fs.ErrExist if the
// name is taken.
func Rename(from, to string) error {
	if err := rename(from, to); err != nil {
		return &fs.PathError{Op: "rename", Path: to, Err: err}
	}
	return SyncDir(filepath.Dir(to))
}

// sync writes the content of a file to disk.
func sync(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) { // a read-only file, as a copy of one is
		f, err = os.Open(path)
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}

// Size is the size of the file at path in bytes; 0 if there is none.
func Size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
