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
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/runner"
)

// Run applies migrations to a database.
type Run struct {
	*file.DB
	Opts Config
	Fsys fs.FS
	temp string // directory that holds the programs of fsys, if it is not on disk

	excuseExisting bool // what was wrong before a migration has to be looked for
}

// Close removes what was made for it.
func (r *Run) Close() {
	if r.temp != "" {
		os.RemoveAll(r.temp)
	}
}

// Next applies the first of the pending migrations, or all with Options.Atomic.
func (r *Run) Next(ctx context.Context, pending []naming.Migration, from int) (applied []Done, err error) {
	err = session.ExcuseExisting(ctx, r.DB, func(knowing bool) error {
		r.excuseExisting = knowing
		applied, err = r.apply(ctx, pending, from)
		return err
	})
	return applied, err
}

func (r *Run) apply(ctx context.Context, pending []naming.Migration, from int) ([]Done, error) {
	if r.Opts.Atomic {
		return r.applyTogether(ctx, pending, from)
	}
	m := pending[0]
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

// Interrupted says what an earlier run left.
func Interrupted(left history.Record, name string) error {
	since := left.Started.Local().Format("2006-01-02 15:04:05")
	state, what := fault.ErrInterrupted, fmt.Sprintf("pid %d on %s began it at %s and never finished", left.Pid, left.Host, since)
	switch {
	case left.Position > 0:
		state, what = fault.ErrPartly, fmt.Sprintf("a part of it is applied, since %s", since)
	case history.WayOf(left) != naming.Program:
		state = fault.ErrPartly
	case left.State == history.Failed:
		what = fmt.Sprintf("it failed at %s, after %s had been changed", since, name)
	}
	return fault.New(left.File, fault.Of(state, "an earlier run was interrupted: %s", what))
}

func Kinds(runners map[string]runner.Runner) naming.Kinds { return slices.Sorted(maps.Keys(runners)) }
