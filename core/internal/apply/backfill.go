// How a backfill runs, the update of more rows than one transaction should hold: batch by
// batch, each in a transaction together with how far that is. So any run can resume
// another, as with steps.

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

// batches applies a backfill, batch by batch.
type batches struct {
	r    *Run
	x    *session.Session
	job  *backfill.Job
	sum  string         // of the text alone, for the record once all is done
	rec  history.Record // as it is stored
	from int
}

// rows is how many rows are updated, as the record has it.
func (b *batches) rows() int64 {
	n, _ := b.rec.Rows.(int64)
	return n
}

// applyBackfill does what a Runner asked for, from where an earlier run stopped.
func (r *Run) applyBackfill(x *session.Session, p part, job *backfill.Job, from int) (Done, error) {
	c, m := x.Conn, p.migration
	if m.Version < from {
		return Done{}, fault.New(m.Name, fault.Of(fault.ErrRefused, "a backfill cannot be applied out of order"))
	}
	b := &batches{r: r, x: x, job: job, rec: history.New(m.Version, m.Name, p.text, from), from: from}
	b.sum, b.rec.Sha256 = b.rec.Sha256, job.Sum(p.text)
	if err := r.Transact(c, func() error { return b.claim(m) }); err != nil {
		return Done{}, err
	}
	if !r.excuseExisting {
		r.Log().Warn(m.Name + " is a backfill, many transactions: if one fails, those before it stay applied, and the next run resumes there")
	}
	if b.rec.Position > 0 {
		r.Log().Info("resuming", "file", m.Name, "rows", b.rows())
	}
	c.SetForeignKeys(!x.Unchecked())
	for {
		begun := time.Now()
		finished, err := b.next()
		switch {
		case err != nil:
		case finished:
			return Done{Applied: Applied{Migration: m, Duration: b.rec.Took, Rows: b.rows(), Steps: true}, Says: p.script.Says, Text: p.text}, nil
		default:
			err = c.Sleep(time.Since(begun) / 4) // others that wait for the lock retry only now and then
		}
		switch {
		case errors.Is(err, file.ErrVersionChanged):
			return Done{}, err
		case err != nil:
			return Done{}, r.recordFailure(c, b.rec, from, 0, b.rows(), err)
		}
	}
}

// claim claims the migration in the open transaction, or learns how far an earlier run
// has applied it.
func (b *batches) claim(m naming.Migration) error {
	r, c := b.r, b.x.Conn
	left, resumes, err := r.claim(c, forBackfill, b.from, m)
	if err != nil {
		return err
	}
	if resumes {
		if left.Sha256 != b.rec.Sha256 {
			return editedBackfill(left, m)
		}
		if b.rec.Cursor, _, err = backfill.Value(c, "SELECT cursor FROM main._meta_history WHERE version = ?", m.Version); err != nil {
			return r.Diagnose(err)
		}
		if b.rec.Cursor == nil { // it would begin again, and update rows twice
			return history.DamagedRecord(m.Version, "position is above 0, and cursor is NULL")
		}
		b.rec.Position, b.rec.Started, b.rec.Rows = left.Position, left.Started, left.Rows
	}
	return r.Diagnose(b.rec.Write(c, r.Config.Tool))
}

// next does one batch, or finds that none is left and commits the version.
func (b *batches) next() (finished bool, err error) {
	r, x, c, done := b.r, b.x, b.x.Conn, b.rows()
	x.Before = c.TotalChanges() - done
	x.CountStatements(0)
	end, _, err := b.job.End(c)
	first, last, found, err2 := b.job.Next(c, b.rec.Cursor)
	if err = errors.Join(err, err2); err != nil {
		return false, err
	}
	next := b.rec
	err = x.Transact(func() error {
		if err := r.stillAt(c, b.rec, b.from); err != nil {
			return err
		}
		if !found {
			if _, _, more, err := b.job.Next(c, end); err != nil || more { // which others have added since
				return err
			}
			finished = true
			next.Sha256, next.Cursor = b.sum, nil
			return r.commitVersion(r.DB, c, &next, b.from)
		}
		n, err := updateBatch(x, b.job, first, last)
		if err != nil {
			return err
		}
		next.Position, next.Cursor, next.Rows = b.rec.Position+1, last, done+n
		return r.Diagnose(next.Write(c, r.Config.Tool))
	})
	if err == nil {
		b.rec = next
	}
	return finished, err
}

// updateBatch updates the rows from first to last, and gives how many rows that changed.
func updateBatch(x *session.Session, job *backfill.Job, first, last any) (int64, error) {
	before := x.Conn.TotalChanges()
	err := x.AsScript(func() error { return x.Conn.Exec(job.Update, first, last) })
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Code == sqlite.ForeignKey:
		err = fault.Of(fault.ErrForeignKey, "foreign key violated: a row of %s would have no parent", job.Table)
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
	e := fault.New(m.Name, fault.Of(fault.ErrInterrupted, "an earlier run started its backfill, but the file was edited since, or now asks for another backfill"))
	e.Done = done
	return e
}
