// How a .sql migration runs. The invariant: the transaction that holds its work
// holds the change of the version too, and ends in a COMMIT of ours or not at all.

package apply

import (
	"context"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// applySQL applies one .sql migration to a database that is at version from.
func (r *Run) applySQL(ctx context.Context, m naming.Migration, from int) (Done, error) {
	s, err := r.readScript(ctx, m)
	if err != nil {
		return Done{}, err
	}
	c, known, err := r.connect(ctx, s)
	if err != nil {
		return Done{}, fault.New("", err)
	}
	defer func() {
		if r.kept == nil || r.kept.c != c {
			c.Close()
		}
	}()
	if known != nil && m.Version > from {
		return r.applyWhole(c, m, s, from, known)
	}
	left, found, err := history.Unfinished(c, from)
	switch {
	case err != nil:
		return Done{}, r.Diagnose(err)
	case m.Version < from && s.Why != "":
		return Done{}, s.At(s.StepsAt, fault.Of(fault.ErrRefused, "%s, so the file cannot be applied out of order", s.Why))
	case m.Version < from && found:
		return Done{}, r.awaitOther(c, left, from)
	case found || s.Why != "":
		return r.applySteps(c, m, s, left, from)
	}
	return r.applyWhole(c, m, s, from, nil)
}

// applyWhole applies a script in one transaction, after the settings that precede it. Known
// is what the connection knows from the one before; nil if nothing.
func (r *Run) applyWhole(c *sqlite.Conn, m naming.Migration, s *plan.Script, from int, known *session.Known) (Done, error) {
	var x *session.Session
	if known != nil {
		x = session.Continue(r.DB, r.Opts.Config, c, s, known)
	} else {
		x = session.New(r.DB, r.Opts.Config, c, s, r.excuseExisting)
	}
	defer x.Close()
	was := r.kept
	r.kept = nil // a failure ends it
	for _, step := range s.Steps {
		if step.Kind == plan.Transaction {
			break
		}
		if err := x.RunOutside(step); err != nil {
			return Done{}, err
		}
	}
	start, applied := time.Now(), Done{Applied: Applied{Migration: m}, Says: s.Says, Text: s.Text}
	begun := make(chan history.Record, 1)
	begin := func() { begun <- history.New(m.Version, m.Name, s.Text, from) }
	if len(s.Text) > small { // to hash it takes its time, while it runs
		go begin()
	} else {
		begin()
	}
	var after func()
	err := x.Transact(func() error {
		if x.Known == nil { // else no one has changed anything
			if _, _, err := r.claim(c, forWhole, from, m); err != nil {
				return err
			}
		}
		for _, step := range s.Steps {
			if step.Kind == plan.Transaction {
				if err := x.RunInside(step); err != nil {
					return err
				}
			}
		}
		if err := x.ReportBroken(); err != nil {
			return err
		}
		applied.Rows, applied.Statements, applied.Witness = x.Rows(), x.Statements, x.Witness
		rec := <-begun
		rec.Started, rec.Began, rec.Rows = start, start, applied.Rows
		commit := r.commitVersion
		if x.Known != nil && was != nil && was.whole && m.Version > from {
			commit = r.commitKnown
		}
		err := commit(r.DB, c, &rec, from)
		applied.Duration = rec.Took
		if err == nil {
			r.kept = was
			after, err = r.keep(x)
		}
		return err
	})
	if err != nil {
		r.kept = nil
		return Done{}, err
	}
	after()
	return applied, nil
}

// readScript reads and plans a .sql migration.
func (r *Run) readScript(ctx context.Context, m naming.Migration) (*plan.Script, error) {
	text, err := r.readText(ctx, m)
	if err != nil {
		return nil, err
	}
	return plan.Parse(m.Name, text, 0)
}

// commitVersion sets the version of d and completes the record, as the last thing in the
// transaction that did the work. Out of order, the version stays what it is.
func (r *Run) commitVersion(d *file.DB, c *sqlite.Conn, rec *history.Record, from int) error {
	if err := d.SetVersion(c, from, max(from, rec.Version)); err != nil {
		return d.Diagnose(err)
	}
	if err := r.Finish(d, c, rec); err != nil {
		return d.Diagnose(err)
	}
	return d.ConfirmVersion(c, max(from, rec.Version))
}

// commitKnown is commitVersion if everything that it checks in the database is known.
func (r *Run) commitKnown(_ *file.DB, c *sqlite.Conn, rec *history.Record, from int) error {
	rec.Finish()
	if r.Opts.NoHistory {
		return r.Diagnose(history.Advance(c, from, rec.Version))
	}
	return r.Diagnose(rec.Advance(c, from, r.Config.Tool))
}

// Finish completes a record, and writes it unless Config.NoHistory says otherwise.
func (r *Run) Finish(d *file.DB, c *sqlite.Conn, rec *history.Record) error {
	rec.Finish()
	if r.Opts.NoHistory {
		return nil
	}
	return rec.Write(c, d.Config.Tool)
}
