// How a .py or .sh migration runs: as a program of its own, which no transaction
// of ours can hold. So the history says that it runs before it does, and a run
// that ended in between is found by the next.

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
	alone := r.Opts.Isolated || directive.Read(m.Kind(), text).Isolated
	switch {
	case !alone && m.Version < from:
		return Done{}, fault.Of(fault.ErrRefused, "a program that is not isolated cannot be applied out of order")
	case !alone && r.Opts.NoHistory:
		return Done{}, fault.Of(fault.ErrUnrecorded, "without a history a program has to be isolated, or nobody would notice if it ended in the middle")
	case r.SkipsPrograms():
		return r.skipProgram(ctx, m, append(command, r.Name), text, from)
	case alone:
		return r.applyIsolated(ctx, m, text, command, from)
	}
	r.Watch.Begin(m.Name, "run", 0)
	rec := history.New(m.Version, m.Name, text, from)
	var which string
	if r.DirLock, which = file.ShareDir(filepath.Dir(r.Path)); r.DirLock != nil {
		defer func() { r.DirLock.Close(); r.DirLock = nil }()
	}
	rec.Cursor = notLetGo
	if err := r.claimProgram(ctx, m, &rec, from); err != nil {
		return Done{}, err
	}
	print := r.Fingerprint()
	var before *file.Trace // nil: the program was not let go
	output, runErr := r.execute(ctx, command, r.Path, func(group int) error {
		rec.Program = group
		if err := r.stamp(ctx, &rec, which); err != nil {
			return err
		}
		var err error
		before, err = r.Trace(ctx)
		return err
	})
	rec.Cursor = nil
	// What happened has happened: from here on it is recorded, whatever ctx says.
	ctx = context.WithoutCancel(ctx)
	if err := r.SameFile(print); err != nil {
		return Done{}, fault.New(m.Name, err).WithOutput(output)
	}
	untouched := before == nil
	if runErr != nil && !untouched {
		after, err := r.Trace(ctx)
		untouched = err == nil && after.Same(before)
	}
	err = r.recordOutcome(ctx, &rec, from, &runErr, before, untouched)
	switch {
	case errors.Is(err, fault.ErrNotDatabase), errors.Is(err, fault.ErrCorrupt), errors.Is(err, fs.ErrNotExist):
		return Done{}, fault.New(m.Name, fault.Of(file.ErrGone, "the program left no database: %s %v", r.Name, err)).WithOutput(output)
	case runErr != nil && !untouched:
		runErr = &changedError{runErr}
	case runErr == nil && err != nil:
		runErr = fault.Of(fault.ErrInterrupted, "the program ran to its end, but what it did could not be recorded: %s %v", r.Name, err)
	}
	if runErr != nil {
		return Done{}, fault.New(m.Name, explainShell(m, text, command, runErr)).WithOutput(output)
	}
	return Done{Applied: Applied{Migration: m, Duration: rec.Took}}, nil
}

// claimProgram records that this process runs the program. While another does, it
// waits.
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

// skipProgram counts a program as applied that a trial does not run. What an
// earlier run left stops it, as it would the real one.
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

// recordOutcome records how a program ended. It finds fault in *failure with one that
// did what only the migrator may.
func (r *Run) recordOutcome(ctx context.Context, rec *history.Record, from int, failure *error, before *file.Trace, untouched bool) error {
	c, err := r.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return r.Transact(c, func() error {
		found := undoTampering(r.DB, c, from)
		if found == nil && before != nil {
			found = before.CheckRecords(c)
		}
		switch {
		case *failure == nil && found == nil:
			return r.commitVersion(r.DB, c, rec, from)
		case *failure == nil:
			*failure = found
		case untouched:
			return history.Forget(c, rec.Version)
		case found != nil:
			r.Log().Warn(found.Error())
		}
		rec.State = history.Failed
		return r.Diagnose(rec.Write(c, r.Config.Tool))
	})
}

// changedError is the failure of a program that changed the database first: only a
// person can tell whether it may run again.
type changedError struct{ err error }

func (e *changedError) Error() string {
	return e.err.Error() + " (by then the database had been changed)"
}
func (e *changedError) Unwrap() []error { return []error{e.err, fault.ErrInterrupted} }

// undoTampering reports whether the version is not the one from which the program
// was run, and puts it back.
func undoTampering(d *file.DB, c *sqlite.Conn, from int) error {
	found := findTampering(d, c, from)
	if !errors.Is(found, fault.ErrRefused) {
		return found
	}
	if err := restoreVersion(d, c, from); err != nil {
		return fault.Of(fault.ErrRefused, "%v: it cannot be put back: %v", found, err)
	}
	return fault.Of(fault.ErrRefused, "%v: it is back at %d", found, from)
}

// findTampering is tampered, and leaves it so.
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
	return fault.Of(fault.ErrRefused, "the program %s itself, which only the migrator may", what)
}

// restoreVersion makes the version what it was. A view has no rows to lose, a table that
// is not ours might.
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
