package file

import (
	"context"
	"errors"
	"os"
	"time"

	"fastmigrate/core/input"
)

// regular is f, if it is a regular file.
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

// LockFile waits until no other opening of the file has it locked. False if its
// file system knows no locks.
func LockFile(ctx context.Context, f *os.File) (locked bool, err error) {
	for {
		locked, err := tryLock(f, false)
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
