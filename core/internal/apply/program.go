// How a .py or .sh migration runs: as a program, which no transaction of ours can hold.
// The invariant: the history says that it runs before it does, so that the next run finds
// one that was interrupted.

package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/stamp"
)

// applyProgram applies one .py or .sh migration to a database that is at
// version from.
func (r *Run) applyProgram(ctx context.Context, m naming.Migration, from int) (Done, error) {
	text, err := r.readText(ctx, m)
	if err != nil {
		return Done{}, err
	}
	command, err := r.commandFor(m)
	if err != nil {
		return Done{}, err
	}
	isolated := r.Opts.Isolated || directive.Read(m.Kind(), text).Isolated
	switch {
	case !isolated && m.Version < from:
		return Done{}, fault.Of(fault.ErrRefused, "a program that is not isolated cannot be applied out of order")
	case !isolated && r.Opts.NoHistory:
		return Done{}, fault.Of(fault.ErrUnrecorded, "without a history, a program must be isolated: otherwise an interruption would go unnoticed")
	case r.SkipsPrograms():
		return r.skipProgram(ctx, m, append(command, r.Name), text, from)
	case isolated:
		return r.applyIsolated(ctx, m, text, command, from)
	}
	return r.applyInPlace(ctx, m, text, command, from)
}

// outcome is how a program ended.
type outcome struct {
	failure   error       // nil if it succeeded
	before    *file.Trace // of the database; nil if the program was not let go
	untouched bool        // the database is what it was
}

// applyInPlace runs a program on the database itself.
func (r *Run) applyInPlace(ctx context.Context, m naming.Migration, text []byte, command []string, from int) (Done, error) {
	r.Watch.Begin(m.Name, "run", 0)
	rec := history.New(m.Version, m.Name, text, from)
	lock, which := file.ShareDir(filepath.Dir(r.Path))
	if lock != nil {
		defer lock.Close()
	}
	rec.Cursor = stamp.NotLetGo
	if err := r.claimProgram(ctx, m, &rec, from); err != nil {
		return Done{}, err
	}
	print := r.Fingerprint()
	var o outcome
	output, failure := r.execute(ctx, command, r.Path, lock, func(group int) error {
		rec.Program = group
		if err := stamp.Write(ctx, r.DB, &rec, which); err != nil {
			return err
		}
		var err error
		o.before, err = r.Trace(ctx)
		return err
	})
	rec.Cursor = nil
	// What happened has happened: from here on it is recorded, whatever ctx says.
	ctx = context.WithoutCancel(ctx)
	if err := r.SameFile(print); err != nil {
		return Done{}, fault.New(m.Name, err).WithOutput(output)
	}
	o.failure, o.untouched = failure, o.before == nil
	if failure != nil && !o.untouched {
		after, err := r.Trace(ctx)
		o.untouched = err == nil && after.Same(o.before)
	}
	failure, err := r.recordOutcome(ctx, &rec, from, o)
	switch {
	case errors.Is(err, fault.ErrNotDatabase), errors.Is(err, fault.ErrCorrupt), errors.Is(err, fs.ErrNotExist):
		return Done{}, fault.New(m.Name, fault.Of(file.ErrGone, "the program left no database: %s %v", r.Name, err)).WithOutput(output)
	case failure != nil && !o.untouched:
		failure = &changedError{failure}
	case failure == nil && err != nil:
		failure = fault.Of(fault.ErrInterrupted, "the program ended, but this could not be recorded: %s %v", r.Name, err)
	}
	if failure != nil {
		return Done{}, fault.New(m.Name, explainShell(m, text, command, failure)).WithOutput(output)
	}
	return Done{Applied: Applied{Migration: m, Duration: rec.Took}, Says: directive.Read(m.Kind(), text), Text: text}, nil
}

// claimProgram records that this process runs the program. It waits while another does.
func (r *Run) claimProgram(ctx context.Context, m naming.Migration, rec *history.Record, from int) error {
	c, err := r.OpenWrite(ctx)
	if err != nil {
		return fault.New("", err)
	}
	defer c.Close()
	for {
		if err := r.awaitOthers(c, from); err != nil {
			return err
		}
		err := r.Transact(c, func() error {
			if _, _, err := r.claim(c, forProgram, from, m); err != nil {
				return err
			}
			rec.Started = time.Now()
			return r.Diagnose(rec.Write(c, r.Config.Tool))
		})
		if !errors.Is(err, file.ErrVersionChanged) { // else await tells for whom
			return err
		}
	}
}

// skipProgram counts a program as applied that a trial does not run. An unfinished earlier
// run stops it, as it would stop the program.
func (r *Run) skipProgram(ctx context.Context, m naming.Migration, command []string, text []byte, from int) (Done, error) {
	c, err := r.OpenWrite(ctx)
	if err != nil {
		return Done{}, fault.New("", err)
	}
	defer c.Close()
	err = r.Transact(c, func() error {
		if _, _, err := r.claim(c, forSkipped, from, m); err != nil {
			return err
		}
		rec := history.New(m.Version, m.Name, text, from)
		return r.commitVersion(r.DB, c, &rec, from)
	})
	return Done{Applied: Applied{Migration: m, Skipped: command}}, err
}

// recordOutcome records how a program ended. Failure is that of o, or says that a program
// that succeeded did what only the migrator may; err, that it could not be recorded.
func (r *Run) recordOutcome(ctx context.Context, rec *history.Record, from int, o outcome) (failure, err error) {
	failure = o.failure
	c, err := r.OpenWrite(ctx)
	if err != nil {
		return failure, err
	}
	defer c.Close()
	err = r.Transact(c, func() error {
		found := undoTampering(r.DB, c, from)
		if found == nil && o.before != nil {
			found = o.before.CheckRecords(c)
		}
		switch {
		case failure == nil && found == nil:
			return r.commitVersion(r.DB, c, rec, from)
		case failure == nil:
			failure = found
		case o.untouched:
			return history.Forget(c, rec.Version)
		case found != nil:
			r.Log().Warn(found.Error())
		}
		rec.State = history.Failed
		return r.Diagnose(rec.Write(c, r.Config.Tool))
	})
	return failure, err
}

// changedError is the failure of a program that had changed the database: only a person
// can tell whether it may run again.
type changedError struct{ err error }

func (e *changedError) Error() string {
	return e.err.Error() + " (the database had been changed by then)"
}
func (e *changedError) Unwrap() []error { return []error{e.err, fault.ErrInterrupted} }

// undoTampering reports a program that changed the version, and puts the version back to
// from. Errors: [fault.ErrRefused] if it did, or what kept the version from being read.
func undoTampering(d *file.DB, c *sqlite.Conn, from int) error {
	found := findTampering(d, c, from)
	if !errors.Is(found, fault.ErrRefused) {
		return found
	}
	if err := restoreVersion(d, c, from); err != nil {
		return fault.Of(fault.ErrRefused, "%v: it cannot be set back: %v", found, err)
	}
	return fault.Of(fault.ErrRefused, "%v: it was set back to %d", found, from)
}

// findTampering is [undoTampering] without putting the version back.
func findTampering(d *file.DB, c *sqlite.Conn, from int) error {
	now, err := d.Version(c)
	what := fmt.Sprintf("set the version to %d", now)
	switch {
	case err == nil && now == from:
		return nil
	case errors.Is(err, fault.ErrUnversioned):
		what = "removed the table _meta"
	case errors.Is(err, fault.ErrMeta):
		what = "left the table _meta without a version"
	case err != nil:
		return err
	}
	return fault.Of(fault.ErrRefused, "the program %s itself, which only the migrator may do", what)
}

// restoreVersion puts the version back. It drops a view in the place of the version table,
// but not a table that is not ours, which may have rows to lose.
func restoreVersion(d *file.DB, c *sqlite.Conn, from int) error {
	t, err := history.FindTable(c, "_meta")
	if err == nil && t.Kind == "view" {
		err = c.Exec("DROP VIEW main._meta")
		t.Kind = ""
	}
	switch {
	case err != nil:
		return err
	case t.Kind == "":
		err = c.Exec(file.CreateMeta)
	case t.Unlike("id", "id", "version") != "":
		return errors.New(t.Unlike("id", "id", "version"))
	}
	err = errors.Join(err, c.Exec("DELETE FROM main._meta"), c.Exec("INSERT INTO main._meta (id, version) VALUES (1, ?)", from))
	if err != nil {
		return err
	}
	return d.ConfirmVersion(c, from)
}
