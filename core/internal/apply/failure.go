// What is recorded of a migration that failed after a part of it was committed.

package apply

import (
	"cmp"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/sqlite"
)

// recordFailure records that steps or a backfill failed with err, and gives err with how
// far they came: rec is the record as it is stored, kept the last line of the file that is
// applied, done the number of rows that are; 0 if nothing is.
func (r *Run) recordFailure(c *sqlite.Conn, rec history.Record, from, kept int, done int64, err error) error {
	if e := r.storeFailure(c, rec, from); e != nil {
		r.Log().Warn(rec.File + " failed, and this could not be recorded: " + e.Error())
	}
	var e *fault.Error
	if !errors.As(err, &e) {
		e = fault.New(rec.File, r.Diagnose(err))
		err = e
	}
	if kept > 0 || done > 0 {
		e.File, e.Kept, e.Done = cmp.Or(e.File, rec.File), kept, done
	}
	return err
}

// dropUnused removes a history without rows, so that a refused migration leaves no trace.
func dropUnused(c *sqlite.Conn) error {
	n, err := c.Int("SELECT count(*) FROM main._meta_history")
	if err != nil || n > 0 {
		return err
	}
	return c.Exec("DROP TABLE main._meta_history")
}

// storeFailure forgets a migration that failed before any step or batch was done. One that
// did some, or made the file of a VACUUM INTO, stays recorded, and the next run resumes it.
func (r *Run) storeFailure(c *sqlite.Conn, rec history.Record, from int) error {
	return c.Uninterrupted(func() error {
		return r.Transact(c, func() error {
			if err := r.recordUnmoved(c, rec, from); err != nil {
				return err
			}
			if rec.Position == 0 && rec.Cursor == nil {
				if err := history.Forget(c, rec.Version); err != nil || !rec.First {
					return err
				}
				return dropUnused(c)
			}
			rec.State = history.Failed
			return rec.Write(c, r.Config.Tool)
		})
	})
}
