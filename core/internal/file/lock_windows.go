package file

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"unsafe"

	"fastmigrate/core/input"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

// tryLock locks a file for this opening of it, which the system undoes when it is
// closed or the process ends: no process is asked whether another lives. False if
// another opening has it locked. The byte that is locked is one that no file has,
// as nobody else could read it.
func tryLock(f *os.File, shared bool) (bool, error) {
	const failImmediately, exclusive, violation = 1, 2, syscall.Errno(33)
	flags := uintptr(failImmediately)
	if !shared {
		flags |= exclusive
	}
	at := syscall.Overlapped{OffsetHigh: 0x7fffffff}
	ok, _, err := lockFileEx.Call(f.Fd(), flags, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, violation):
		return false, nil
	}
	return false, err
}

// OpenRegular opens a file that is no link.
func OpenRegular(path string, flag int, mode fs.FileMode) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, input.ErrIrregular
	}
	f, err := os.OpenFile(path, flag, mode)
	if err != nil {
		return nil, err
	}
	return regular(f)
}

// LockDir does nothing: Windows locks no directory.
func LockDir(string, bool) (f *os.File, which string) { return nil, "" }
