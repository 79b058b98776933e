//go:build unix

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// tryLock locks a file for this opening of it, which the kernel undoes when it is
// closed or the process ends (flock(2)): no process is asked whether another
// lives. False if another opening has it locked.
func tryLock(f *os.File, shared bool) (bool, error) {
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}

// LockDir locks the directory dir for whoever has the file open, together with others
// that do, or alone, and tells which directory it is; nil if that is not possible. In
// another container too: the kernel has the lock.
func LockDir(dir string, shared bool) (f *os.File, which string) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, ""
	}
	locked, _ := tryLock(f, shared)
	info, err := f.Stat()
	if err != nil || !locked {
		f.Close()
		return nil, ""
	}
	stat := info.Sys().(*syscall.Stat_t)
	return f, fmt.Sprintf("%d-%d", stat.Dev, stat.Ino)
}

// OpenRegular opens a file that is no link, and waits for nobody.
func OpenRegular(path string, flag int, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, mode)
	if err != nil {
		return nil, err
	}
	return regular(f)
}
