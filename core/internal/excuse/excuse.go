// Package excuse distinguishes violations caused by a transaction from earlier ones, and
// knows which of its scripts is charged with that.
//
// The invariant: what a script adds, or does not repair, is charged to that script alone;
// what existed before the transaction is excused.
package excuse

import (
	"context"
	"errors"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/sqlite"
)

// Failure is what a check found.
type Failure struct {
	Err           error
	ExistedBefore func(*sqlite.Conn) (bool, error) // whether the database had anything of the kind before the transaction; nil if it is known to be new
}

func (e *Failure) Error() string { return e.Err.Error() }
func (e *Failure) Unwrap() error { return e.Err }

// Existing calls do with false, and calls it again with true if a check failed for
// what may have existed before: then do must look for that first, and excuse it. To
// look always would cost every migration a look at all rows with foreign keys. Errors:
// that of the last call, without its [Failure].
func Existing(ctx context.Context, d *file.DB, do func(excuse bool) error) error {
	err := do(false)
	var v *Failure
	if errors.As(err, &v) && v.ExistedBefore != nil {
		c, e := d.OpenRead(ctx)
		if e != nil {
			return e
		}
		before, e := v.ExistedBefore(c)
		c.Close()
		if e != nil {
			return d.Diagnose(e)
		}
		if before {
			err = do(true)
		}
	}
	if errors.As(err, &v) {
		err = v.Err
	}
	return err
}
