// How a .sql migration runs that cannot be one transaction: step by step, each in a
// transaction together with how far that is. The invariant: the record never says less
// or more than what is committed.

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

// stepwise applies a script that cannot be one transaction, step by step.
type stepwise struct {
	r    *Run
	x    *session.Session
	rec  history.Record // as it is stored
	from int
}

// applySteps applies a script that cannot be one transaction, from where an earlier run
// stopped. What is done and how far that is are always stored together, so that any run
// can resume another: several processes may even take turns.
func (r *Run) applySteps(c *sqlite.Conn, m naming.Migration, s *plan.Script, left history.Record, from int) (Done, error) {
	if r.Opts.NoHistory {
		if s.Why == "" {
			return Done{}, Interrupted(left, r.Name)
		}
		return Done{}, s.At(s.StepsAt, fault.Of(fault.ErrUnrecorded, "%s, and without a history its progress cannot be recorded", s.Why))
	}
	if err := s.CheckSyntax(len(s.Text)); err != nil {
		return Done{}, err
	}
	x := session.New(r.DB, r.Opts.Config, c, s, r.excuseExisting)
	defer x.Close()
	t := &stepwise{r, x, history.New(m.Version, m.Name, s.Text, from), from}
	if err := r.awaitOthers(c, from); err != nil {
		return Done{}, err
	}
	if err := r.Transact(c, func() error { return t.claim(m) }); err != nil {
		return Done{}, err
	}
	if t.rec.Position > 0 {
		var err error
		if s, err = plan.Parse(m.Name, s.Text, t.rec.Position); err != nil {
			return Done{}, err
		}
		x.Script = s
		r.Log().Info("resuming", "file", m.Name, "line", s.LineAt(t.rec.Position))
	}
	if s.Why != "" && !r.excuseExisting {
		r.Log().Warn(s.StepsMessage())
	}
	if err := t.applyAll(); err != nil {
		if !errors.Is(err, file.ErrVersionChanged) {
			err = r.recordFailure(c, t.rec, from, appliedLine(s, t.rec), 0, err)
		}
		return Done{}, err
	}
	return Done{Applied{Migration: m, Duration: t.rec.Took, Rows: x.Rows(), Statements: x.Statements, Steps: true}, x.Witness, s.Says, s.Text}, nil
}

// claim claims the migration in the open transaction, or learns how far an earlier run
// has applied it.
func (t *stepwise) claim(m naming.Migration) error {
	c, s := t.x.Conn, t.x.Script
	left, resumes, err := t.r.claim(c, forSteps, t.from, m)
	if err != nil {
		return err
	}
	if resumes {
		if left.Position > len(s.Text) || s.Checksum(left.Position) != left.Sha256 {
			line := s.LineAt(min(left.Position, len(s.Text)))
			e := fault.New(m.Name, fault.Of(fault.ErrInterrupted, "an earlier run applied it up to line %d, but that part was edited since", line))
			e.Kept = line
			return e
		}
		t.rec.Position, t.rec.Started, t.rec.Cursor = left.Position, left.Started, left.Cursor
	}
	t.rec.Sha256 = s.Checksum(t.rec.Position)
	n, err := c.Int("SELECT count(*) FROM main.sqlite_schema WHERE name = '_meta_history'")
	t.rec.First = n == 0
	return t.r.Diagnose(cmp.Or(err, t.rec.Write(c, t.r.Config.Tool)))
}

// applyAll applies all steps, and the version together with the last that is a
// transaction, or in one of its own.
func (t *stepwise) applyAll() error {
	steps := t.x.Script.Steps
	for i, step := range steps {
		if last := i == len(steps)-1; last && step.End > t.rec.Position && step.Kind == plan.Transaction {
			return t.commit(step, t.finish)
		}
		if err := t.apply(step); err != nil {
			return err
		}
	}
	next := t.rec
	err := t.r.Transact(t.x.Conn, func() error {
		if err := t.r.ExpectVersion(t.x.Conn, t.from); err != nil {
			return err
		}
		if err := t.x.CheckFullText(); err != nil {
			return err
		}
		return t.finish(&next)
	})
	if err == nil {
		t.rec = next
	}
	return err
}

// apply applies one step, unless an earlier run did.
func (t *stepwise) apply(step plan.Step) error {
	switch {
	case step.End <= t.rec.Position: // done by an earlier run
		return t.x.Replay(step)
	case step.Kind == plan.Setting:
		return t.x.RunOutside(step)
	case step.Kind == plan.Outside:
		next := t.rec
		err := t.r.runOutside(t.x, step, &next, t.from)
		if err != nil { // a part of it may be recorded
			t.rec.Cursor = next.Cursor
			return err
		}
		t.rec = next
		return nil
	}
	return t.commit(step, func(next *history.Record) error { return t.r.recordStep(t.x, next, step.End, t.from) })
}

// commit runs a step in a transaction, which record completes.
func (t *stepwise) commit(step plan.Step, record func(next *history.Record) error) error {
	next := t.rec
	err := t.x.Transact(func() error {
		if err := t.r.stillAt(t.x.Conn, t.rec, t.from); err != nil {
			return err
		}
		if err := t.x.RunInside(step); err != nil {
			return err
		}
		return record(&next)
	})
	if err == nil {
		t.rec = next
	}
	return err
}

// finish records that all of the script is applied, together with its version.
func (t *stepwise) finish(next *history.Record) error {
	s := t.x.Script
	next.Sha256, next.Position, next.Rows = s.Checksum(len(s.Text)), len(s.Text), t.x.Rows()
	return cmp.Or(t.x.ReportBroken(), t.r.commitVersion(t.r.DB, t.x.Conn, next, t.from))
}

// appliedLine is the last line of a script that is applied, as its record has it; 0 if
// none is.
func appliedLine(s *plan.Script, rec history.Record) int {
	if rec.Position == 0 {
		return 0
	}
	return s.LineAt(rec.Position)
}

// recordStep stores that everything up to the byte position is applied. Errors:
// [file.ErrVersionChanged] if another process has come further.
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

// stillAt returns [file.ErrVersionChanged] unless the version and the record of a script are
// still what they were.
func (r *Run) stillAt(c *sqlite.Conn, rec history.Record, from int) error {
	return cmp.Or(r.ExpectVersion(c, from), r.recordUnmoved(c, rec, from))
}

// recordUnmoved returns [file.ErrVersionChanged] unless the record of a script is still at
// its position.
func (r *Run) recordUnmoved(c *sqlite.Conn, rec history.Record, from int) error {
	now, found, err := history.Unfinished(c, from)
	if err == nil && (!found || now.Position != rec.Position) {
		err = file.ErrVersionChanged
	}
	return r.Diagnose(err)
}
