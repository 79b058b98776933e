package apply

import (
	"cmp"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// applySteps applies a script that cannot be one transaction, from where an
// earlier run stopped. What is done and how far that is are always stored
// together, so that it matters neither who stopped nor who goes on: several
// processes may even take turns.
func (r *Run) applySteps(c *sqlite.Conn, m naming.Migration, s *plan.Script, left history.Record, from int) (Done, error) {
	if r.Opts.NoHistory {
		if s.Why == "" {
			return Done{}, Interrupted(left, r.Name)
		}
		return Done{}, s.At(s.StepsAt, fault.Of(fault.ErrUnrecorded, "%s, and without a history it cannot be told how far the file was applied", s.Why))
	}
	if err := s.CheckSyntax(len(s.Text)); err != nil {
		return Done{}, err
	}
	x := session.New(r.DB, r.Opts.Config, c, s, r.excuseExisting)
	defer x.Close()
	rec := history.New(m.Version, m.Name, s.Text, from)
	if err := r.awaitOthers(c, from); err != nil {
		return Done{}, err
	}
	err := r.Transact(c, func() error { // claim it, or learn how far others are
		left, resumes, err := r.claim(c, forSteps, from, m)
		if err != nil {
			return err
		}
		if resumes {
			if left.Position > len(s.Text) || s.Checksum(left.Position) != left.Sha256 {
				line := s.LineAt(min(left.Position, len(s.Text)))
				e := fault.New(m.Name, fault.Of(fault.ErrInterrupted, "an earlier run applied it up to line %d, and that part has been edited since", line))
				e.Kept = line
				return e
			}
			rec.Position, rec.Started, rec.Cursor = left.Position, left.Started, left.Cursor
		}
		rec.Sha256 = s.Checksum(rec.Position)
		n, err := c.Int("SELECT count(*) FROM main.sqlite_schema WHERE name = '_meta_history'")
		rec.First = n == 0
		return r.Diagnose(cmp.Or(err, rec.Write(c, r.Config.Tool)))
	})
	if err != nil {
		return Done{}, err
	}
	if rec.Position > 0 {
		if s, err = plan.Parse(m.Name, s.Text, rec.Position); err != nil {
			return Done{}, err
		}
		x.Script = s
		r.Log().Info("going on", "file", m.Name, "line", s.LineAt(rec.Position))
	}
	if s.Why != "" && !r.excuseExisting {
		r.Log().Warn(s.StepsMessage())
	}
	applied := Done{Applied: Applied{Migration: m, Steps: true}}
	for i, u := range s.Steps {
		last := i == len(s.Steps)-1
		stored := rec
		switch {
		case u.End <= rec.Position: // done by an earlier run
			err = x.Replay(u)
		case u.Kind == plan.Setting:
			err = x.RunOutside(u)
		case u.Kind == plan.Outside:
			err = r.runOutside(x, u, &rec, from)
			stored.Cursor = rec.Cursor
		default:
			err = x.Transact(func() error {
				if err := r.stillAt(c, rec, from); err != nil {
					return err
				}
				if err := x.RunInside(u); err != nil {
					return err
				}
				if last {
					rec.Sha256, rec.Position, rec.Rows = s.Checksum(len(s.Text)), len(s.Text), x.Rows()
					return r.commitVersion(r.DB, c, &rec, from)
				}
				return r.recordStep(x, &rec, u.End, from)
			})
			if err == nil && last {
				applied.Duration, applied.Rows, applied.Statements, applied.Witness = rec.Took, x.Rows(), x.Statements, x.Witness
				return applied, nil
			}
		}
		if err != nil {
			if errors.Is(err, file.ErrVersionChanged) {
				return Done{}, err
			}
			return Done{}, r.recordFailure(c, stored, from, appliedLine(s, stored), 0, err)
		}
	}
	stored := rec
	err = r.Transact(c, func() error {
		if err := r.ExpectVersion(c, from); err != nil {
			return err
		}
		rec.Sha256, rec.Position, rec.Rows = s.Checksum(len(s.Text)), len(s.Text), x.Rows()
		return r.commitVersion(r.DB, c, &rec, from)
	})
	if err != nil && !errors.Is(err, file.ErrVersionChanged) {
		err = r.recordFailure(c, stored, from, appliedLine(s, stored), 0, err)
	}
	applied.Duration, applied.Rows, applied.Statements, applied.Witness = rec.Took, x.Rows(), x.Statements, x.Witness
	return applied, err
}

// appliedLine is the last line of a script that is applied, as its record has it; 0 if
// none is.
func appliedLine(s *plan.Script, rec history.Record) int {
	if rec.Position == 0 {
		return 0
	}
	return s.LineAt(rec.Position)
}

// recordStep stores that everything up to the byte position is applied, provided
// that no other process has come further.
func (r *Run) recordStep(x *session.Session, rec *history.Record, position, from int) error {
	if err := r.stillAt(x.Conn, *rec, from); err != nil {
		return err
	}
	next := *rec
	next.Position, next.Sha256, next.Cursor = position, x.Script.Checksum(position), nil
	before := x.Conn.TotalChanges()
	if err := next.Write(x.Conn, r.Config.Tool); err != nil {
		return r.Diagnose(err)
	}
	x.Before += x.Conn.TotalChanges() - before
	*rec = next
	return nil
}

// stillAt reports whether the version and the record of a script are still what they
// were; else errMoved.
func (r *Run) stillAt(c *sqlite.Conn, rec history.Record, from int) error {
	return cmp.Or(r.ExpectVersion(c, from), r.recordUnmoved(c, rec, from))
}

// recordUnmoved reports whether the record of a script is still at its position.
func (r *Run) recordUnmoved(c *sqlite.Conn, rec history.Record, from int) error {
	now, found, err := history.Unfinished(c, from)
	if err == nil && (!found || now.Position != rec.Position) {
		err = file.ErrVersionChanged
	}
	return r.Diagnose(err)
}
