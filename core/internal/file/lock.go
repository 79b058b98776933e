package file

import (
	"context"
	"errors"
	"os"
	"time"

	"fastmigrate/core/input"
)

// lockKind tells whether a lock is shared with others of its kind.
type lockKind uint8

const (
	exclusive lockKind = iota
	shared
)

// regular returns f if it is a regular file, and closes it otherwise.
func regular(f *os.File) (*os.File, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = input.ErrIrregular
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// LockFile locks f, and waits until no other opening of the file has it locked. It
// gives false if the file system has no locks; the error says that ctx ended first.
func LockFile(ctx context.Context, f *os.File) (locked bool, err error) {
	for {
		locked, err := tryLock(f, exclusive)
		if locked || err != nil {
			return locked, nil
		}
		select {
		case <-ctx.Done():
			return false, errors.New("another process has it locked")
		case <-time.After(5 * time.Millisecond):
		}
	}
}
