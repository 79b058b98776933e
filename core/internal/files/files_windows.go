package files

import (
	"io/fs"
	"path/filepath"
	"syscall"
)

// absolute is path from the root on. Windows takes a .. out before it follows links.
func absolute(path string) (string, error) { return filepath.Abs(path) }

// SyncDir does nothing: NTFS journals its names.
func SyncDir(string) error { return nil }

// keepOwner does nothing: a new file inherits the rights of its directory.
func keepOwner(string, fs.FileInfo) {}

// rename moves from to to, which must be free, in one step.
func rename(from, to string) error {
	a, err := syscall.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	b, err := syscall.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	return syscall.MoveFile(a, b)
}
