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

// tryLock locks a file for this opening of it, until it is closed or the process
// ends, which the system sees to: no process is asked whether another lives. It gives
// false if another opening has the file locked. The byte that is locked is one that
// no file has, since no one else could read it.
func tryLock(f *os.File, kind lockKind) (bool, error) {
	const failImmediately, lockExclusive, violation = 1, 2, syscall.Errno(33)
	flags := uintptr(failImmediately)
	if kind == exclusive {
		flags |= lockExclusive
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

// OpenRegular opens a regular file. Errors: [input.ErrIrregular] if path is that of
// something else, a symbolic link included.
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
func LockDir(string) (f *os.File, which string) { return nil, "" }

// ShareDir does nothing either.
func ShareDir(string) (f *os.File, which string) { return nil, "" }
