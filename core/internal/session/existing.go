package session

import (
	"context"
	"errors"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/sqlite"
)

// CheckFailure is what a check found.
type CheckFailure struct {
	Err           error
	ExistedBefore func(*sqlite.Conn) (bool, error) // whether the database had anything of the kind before the transaction; nil if it is known to be new
}

func (e *CheckFailure) Error() string { return e.Err.Error() }
func (e *CheckFailure) Unwrap() error { return e.Err }

// ExcuseExisting calls do with false, and calls it again with true if a check failed for
// what may have existed before: then do has to look for that first, and excuse it. To
// look always would cost every migration a look at all rows with foreign keys. Errors:
// that of the last call, without its [CheckFailure].
func ExcuseExisting(ctx context.Context, d *file.DB, do func(excuse bool) error) error {
	err := do(false)
	var v *CheckFailure
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
