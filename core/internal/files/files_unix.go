//go:build unix

package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// absolute returns path from the root on, and does not clean it.
func absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	here, err := os.Getwd()
	return here + "/" + path, err
}

// SyncDir writes the names in the directory dir to disk.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) { // a directory to write to, but not to read
		syscall.Sync()
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) { // the file system has nothing of the kind
		return nil
	}
	return err
}

// keepOwner gives the file at path an owner and a group, if the system permits it.
func keepOwner(path string, like fs.FileInfo) {
	if want, ok := like.Sys().(*syscall.Stat_t); ok {
		os.Chown(path, int(want.Uid), int(want.Gid))
	}
}

// linkAway is rename for systems without anything better: a link never replaces a file.
// If it is interrupted in the middle, the file has both names.
func linkAway(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		if err = os.Remove(from); err != nil {
			os.Remove(to)
		}
		return cause(err)
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return cause(err)
	}
	// A file system without hard links: all that is left is to look first.
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return cause(os.Rename(from, to))
}

// cause takes the operation and the paths away from an error.
func cause(err error) error {
	var link *os.LinkError
	var path *fs.PathError
	switch {
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &path):
		return path.Err
	}
	return err
}
