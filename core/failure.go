package core

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// stopped records that a script failed, and tells how far it came: stored is its
// record as it was before the transaction that failed.
func (r *run) stopped(c *sqlite.Conn, m naming.Migration, s *plan.Script, stored history.Record, from int, err error) error {
	if e := r.giveUp(c, stored, from); e != nil {
		r.o.log().Warn(m.Name + " failed, which could not be recorded: " + e.Error())
	}
	var e *fault.Error
	if !errors.As(err, &e) {
		e = fault.New(m.Name, err)
		err = e
	}
	if stored.Position > 0 {
		e.Kept = s.Line(stored.Position)
		if e.File == "" {
			e.File = m.Name
		}
	}
	return err
}

// halted records that a backfill failed, and tells how far it came.
func (r *run) halted(c *sqlite.Conn, m naming.Migration, rec history.Record, done int64, from int, err error) error {
	if e := r.giveUp(c, rec, from); e != nil {
		r.o.log().Warn(m.Name + " failed, which could not be recorded: " + e.Error())
	}
	var e *fault.Error
	if !errors.As(err, &e) {
		e = fault.New(m.Name, r.diagnose(err))
		err = e
	}
	if done > 0 {
		e.File, e.Done = m.Name, done
	}
	return err
}

// dropUnused removes a history without rows: what was refused leaves nothing behind.
func dropUnused(c *sqlite.Conn) error {
	n, err := c.Int("SELECT count(*) FROM main._meta_history")
	if err != nil || n > 0 {
		return err
	}
	return c.Exec("DROP TABLE main._meta_history")
}

// giveUp forgets a script that failed before any step was done. One that did a
// step, or made the file of a VACUUM INTO, stays recorded: the next run goes on with it.
func (d *database) giveUp(c *sqlite.Conn, rec history.Record, from int) error {
	return c.Uninterrupted(func() error {
		return d.transact(c, func() error {
			if err := d.undisturbed(c, rec, from); err != nil {
				return err
			}
			if rec.Position == 0 && rec.Cursor == nil {
				if err := history.Forget(c, rec.Version); err != nil || !rec.First {
					return err
				}
				return dropUnused(c)
			}
			rec.State = history.Failed
			return rec.Write(c, d.o.Tool)
		})
	})
}
