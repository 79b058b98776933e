package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"fastmigrate/core/fault"
)

// Wait returns as soon as the database at path is at the version or above, with its
// version. It reads a few times a second, and also waits for a file that does not exist
// yet or is not versioned. When ctx is done, it gives up: the error says what state the
// database was in, and wraps context.Cause(ctx). Other errors: those of [Version] that
// waiting cannot resolve.
func Wait(ctx context.Context, path string, version int, o Options) (now int, err error) {
	defer Wrap(&err, fault.OpWait, path)
	o.LockTimeout = -1 // the loop waits for locks too
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		// Even if ctx is done already, look once.
		now, err = Version(context.WithoutCancel(ctx), path, o)
		stands := err
		if err == nil {
			if now >= version {
				return now, nil
			}
			stands = fmt.Errorf("is at version %d", now)
		}
		var e *fault.Error
		switch {
		case err == nil:
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fault.ErrUnversioned), errors.Is(err, fault.ErrBusy), errors.Is(err, fault.ErrUnfinished):
			if errors.As(err, &e) {
				stands = e.Err
			}
		default:
			return now, err
		}
		select {
		case <-ctx.Done():
			why := errors.Join(context.Cause(ctx), stands) // for which there may be a remedy
			return now, fault.Of(why, "%v: waited for version %d", stands, version)
		case <-time.After(pause):
		}
	}
}
