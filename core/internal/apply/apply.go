// Package apply applies migrations to a database, each kind in its way: a script in one
// transaction or in steps, a program on the database or on a copy, a Runner, a backfill.
// The invariant: a migration and its version are committed together, and where that is
// impossible, the history says what was begun before it begins.
package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/runner"
)

// Run applies the migrations in Fsys to a database. It must be closed.
type Run struct {
	*file.DB
	Opts Config
	Fsys fs.FS
	temp string // directory that holds a copy of Fsys, if that is not on disk

	ahead          ahead
	kept           *connection
	excuseExisting bool // see excuse.Existing
}

// Close removes temporary files, and closes the connection.
func (r *Run) Close() {
	r.drop()
	if r.temp != "" {
		os.RemoveAll(r.temp)
	}
}

// Next applies the first of the pending migrations, or all of them with Config.Atomic, to
// a database at version from. At least one is pending. Errors: [file.ErrVersionChanged] if another
// run changed the version or is applying a migration, so that the caller must look again;
// a [fault.Error] with the file for what failed.
func (r *Run) Next(ctx context.Context, pending []naming.Migration, from int) (applied []Done, err error) {
	err = excuse.Existing(ctx, r.DB, func(excuse bool) error {
		r.excuseExisting = excuse
		applied, err = r.apply(ctx, pending, from)
		return err
	})
	return applied, err
}

func (r *Run) apply(ctx context.Context, pending []naming.Migration, from int) ([]Done, error) {
	if r.Opts.Atomic || r.excuseExisting || Kinds(r.Opts.Runners).Way(pending[0].Kind()) != naming.SQL {
		r.drop()
	}
	if r.Opts.Atomic {
		return r.applyTogether(ctx, pending, from)
	}
	m := pending[0]
	r.ahead.pending = pending
	apply := r.applySQL
	switch Kinds(r.Opts.Runners).Way(m.Kind()) {
	case naming.Program:
		apply = r.applyProgram
	case naming.Runner:
		return r.applyTogether(ctx, pending[:1], from)
	}
	a, err := apply(ctx, m, from)
	if err != nil {
		var e *fault.Error
		if !errors.As(err, &e) && !errors.Is(err, file.ErrVersionChanged) {
			err = fault.New(m.Name, err)
		}
		return nil, err
	}
	r.Log().Debug("applied", "file", m.Name, "version", m.Version, "duration", a.Duration)
	return []Done{a}, nil
}

// Interrupted says what an earlier run left unfinished in the database called name. It
// wraps [fault.ErrInterrupted] or [fault.ErrPartly].
func Interrupted(left history.Record, name string) error {
	since := left.Started.Local().Format("2006-01-02 15:04:05")
	state, what := fault.ErrInterrupted, fmt.Sprintf("pid %d on %s started it at %s and never finished", left.Pid, left.Host, since)
	switch {
	case left.Position > 0:
		state, what = fault.ErrPartly, fmt.Sprintf("it is partly applied, since %s", since)
	case history.WayOf(left) != naming.Program:
		state = fault.ErrPartly
	case left.State == history.Failed:
		what = fmt.Sprintf("it failed at %s, after changing %s", since, name)
	}
	return fault.New(left.File, fault.Of(state, "an earlier run was interrupted: %s", what))
}

// Kinds are the kinds of migrations for which there are Runners.
func Kinds(runners map[string]runner.Runner) naming.Kinds { return slices.Sorted(maps.Keys(runners)) }
