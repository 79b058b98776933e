// How the rows of a table too large for one transaction are updated: batch by
// batch, each in a transaction of its own together with how far that is. So it
// matters neither who stopped nor who goes on, as with steps.

package apply

import (
	"errors"
	"fmt"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// applyBackfill does what a Runner asked for, from where an earlier run stopped.
func (r *Run) applyBackfill(x *session.Session, p part, job *backfill.Job, from int) (a Done, err error) {
	c, m := x.Conn, p.migration
	if m.Version < from {
		return a, fault.New(m.Name, fault.Of(fault.ErrRefused, "a backfill cannot be applied out of order"))
	}
	rec, done := history.New(m.Version, m.Name, p.text, from), int64(0)
	sum := rec.Sha256
	rec.Sha256 = job.Sum(p.text)
	err = r.Transact(c, func() error { // claim it, or learn how far others are
		left, resumes, err := r.claim(c, forBackfill, from, m)
		if err != nil {
			return err
		}
		if resumes {
			if left.Sha256 != rec.Sha256 {
				return editedBackfill(left, m)
			}
			if rec.Cursor, _, err = backfill.Value(x.Conn, "SELECT cursor FROM main._meta_history WHERE version = ?", m.Version); err != nil {
				return r.Diagnose(err)
			}
			if rec.Cursor == nil { // it would begin anew, and update rows twice
				return history.DamagedRecord(m.Version, "position is above 0, and cursor is NULL")
			}
			rec.Position, rec.Started, rec.Rows = left.Position, left.Started, left.Rows
			done, _ = left.Rows.(int64)
		}
		return r.Diagnose(rec.Write(c, r.Config.Tool))
	})
	if err != nil {
		return a, err
	}
	if !r.excuseExisting {
		r.Log().Warn(m.Name + " is a backfill, many transactions: one that fails leaves those before it applied, and the next run goes on with it")
	}
	if rec.Position > 0 {
		r.Log().Info("going on", "file", m.Name, "rows", done)
	}
	c.SetForeignKeys(!x.Unchecked())
	for {
		x.Before = c.TotalChanges() - done
		x.CountStatements(0)
		next := rec
		finished, begun := false, time.Now()
		end, _, err := job.End(c)
		first, last, found, err2 := job.Next(c, rec.Cursor)
		if err = errors.Join(err, err2); err == nil {
			err = x.Transact(func() error {
				if err := r.stillAt(c, rec, from); err != nil {
					return err
				}
				if !found {
					if _, _, more, err := job.Next(c, end); err != nil || more { // which others have added since
						return err
					}
					finished = true
					next.Sha256, next.Cursor = sum, nil
					return r.commitVersion(r.DB, c, &next, from)
				}
				n, err := batch(x, job, first, last)
				if err != nil {
					return err
				}
				next.Position, next.Cursor, next.Rows = rec.Position+1, last, done+n
				return r.Diagnose(next.Write(c, r.Config.Tool))
			})
		}
		switch {
		case errors.Is(err, file.ErrVersionChanged):
			return a, err
		case err != nil:
			return a, r.recordFailure(c, rec, from, 0, done, err)
		case finished:
			return Done{Applied: Applied{Migration: m, Duration: next.Took, Rows: done, Steps: true}}, nil
		}
		rec = next
		done, _ = rec.Rows.(int64)
		if err := c.Sleep(time.Since(begun) / 4); err != nil { // others that wait for the lock only look now and then
			return a, r.recordFailure(c, rec, from, 0, done, err)
		}
	}
}

// batch updates the rows from first to last, and gives how many rows that changed.
func batch(x *session.Session, job *backfill.Job, first, last any) (int64, error) {
	before := x.Conn.TotalChanges()
	err := x.AsScript(func() error { return x.Conn.Exec(job.Update, first, last) })
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Code == sqlite.ForeignKey:
		err = fault.Of(fault.ErrForeignKey, "foreign key violated: a row of %s gets no parent", job.Table)
	case err == nil && x.Conn.Autocommit():
		err = errors.New("a statement has ended the transaction")
	}
	if at := (*fault.Error)(nil); err != nil && !errors.As(err, &at) {
		err = fault.New(x.Script.Name, fmt.Errorf("backfill %s: %w", job.Table, x.Diagnose(err)))
	}
	return x.Conn.TotalChanges() - before, err
}

// editedBackfill says that the file no longer asks for what was begun.
func editedBackfill(left history.Record, m naming.Migration) error {
	done, _ := left.Rows.(int64)
	e := fault.New(m.Name, fault.Of(fault.ErrInterrupted, "an earlier run has begun its backfill, and the file has been edited since, or asks for another one now"))
	e.Done = done
	return e
}
