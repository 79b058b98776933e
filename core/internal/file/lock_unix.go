//go:build unix

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// tryLock locks a file for this opening of it, until it is closed or the process
// ends, which the kernel sees to (flock(2)): no process is asked whether another
// lives. It gives false if another opening has the file locked.
func tryLock(f *os.File, kind lockKind) (bool, error) {
	how := syscall.LOCK_EX
	if kind == shared {
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

// LockDir locks the directory dir against all others, and tells which directory it
// is. The lock lasts as long as any process has the file open, in another container
// too: the kernel has it. The file is nil if the directory cannot be locked.
func LockDir(dir string) (f *os.File, which string) { return lockDir(dir, exclusive) }

// ShareDir is [LockDir] together with others that share it.
func ShareDir(dir string) (f *os.File, which string) { return lockDir(dir, shared) }

func lockDir(dir string, kind lockKind) (f *os.File, which string) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, ""
	}
	locked, _ := tryLock(f, kind)
	info, err := f.Stat()
	if err != nil || !locked {
		f.Close()
		return nil, ""
	}
	stat := info.Sys().(*syscall.Stat_t)
	return f, fmt.Sprintf("%d-%d", stat.Dev, stat.Ino)
}

// OpenRegular opens a regular file, and waits for no one, as for the writer of a pipe.
// Errors: [input.ErrIrregular] if path is that of something else; that of a symbolic
// link.
func OpenRegular(path string, flag int, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, mode)
	if err != nil {
		return nil, err
	}
	return regular(f)
}
