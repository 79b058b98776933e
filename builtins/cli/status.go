// The commands status, wait and resolve: how far a database has come.

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/repair"
)

type resolve struct {
	Completed  bool `xor:"how" required:"" help:"It was applied completely: the database gets its version."`
	RolledBack bool `xor:"how" required:"" help:"It left nothing behind, or can safely run again: the next run starts it from the beginning."`
}

func (resolve) Help() string {
	return `If a .py or .sh migration was killed, or failed after changing the database, it is
not run again until someone has checked what it left behind and decides here.

Example:

    fastmigrate resolve --rolled-back --db data/shop.db`
}

func (c resolve) Run(a *app) error {
	how := repair.RolledBack
	if c.Completed {
		how = repair.Completed
	}
	v, err := repair.Resolve(a, a.db, how, a.options)
	if err != nil {
		return err
	}
	next := " runs it again from its start"
	if c.Completed {
		next = " continues with the next migration"
	}
	defer a.Advise([]string{a.Names.On("fastmigrate run-migrations") + next})
	return a.Report(a.Line("%s is at version %d", a.db, v), result.Standing{Database: a.db, Version: v})
}

type status struct {
	ExitCode     bool  `help:"Exit with status 3 if migrations are pending, and with 1 if there is a problem."`
	AllowMissing *bool `help:"Accept applied migrations whose files are gone, and a database that is ahead of its migrations."`
}

func (status) Help() string {
	return `Nothing is created or changed. The states of a migration:

    applied       its file has not changed since
    unrecorded    at or below the version, but not in the history: another tool
                  applied it, or the history begins later
    pending, running, interrupted
    edited        changed after it was applied: fastmigrate accept
    missing       applied, and its file is gone
    out-of-order  below the version, and never applied: fastmigrate renumber
    duplicate     one of several with the same version: fastmigrate renumber
    misnamed      not a migration, but almost: the reason is below the table

Examples:

    fastmigrate status --db data/shop.db
    fastmigrate status --exit-code --quiet`
}

func (c status) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	s, err := core.Status(a, a.db, os.DirFS(a.dir), a.options)
	if err != nil {
		return err
	}
	problems, errs := []string{}, []report.Problem{}
	for _, p := range s.Problems {
		problems, errs = append(problems, a.Sentence(p)), append(errs, a.Problem(p))
	}
	warnings := []string{}
	for _, m := range s.Misnamed {
		warnings = append(warnings, filepath.Join(a.dir, m.Name)+": "+m.Why)
	}
	below := problems
	if !slices.ContainsFunc(s.Problems, func(err error) bool { return errors.Is(err, fault.ErrNoMigrations) }) { // which says it
		below = slices.Concat(warnings, problems)
	}
	wrong := report.Found{}
	if c.ExitCode && len(errs) > 0 {
		wrong.Error = &errs[0]
	}
	if err := a.Report(strings.Join(append([]string{a.StatusTable(a.db, s)}, report.Lines(below)...), "\n"), result.Status{Database: a.db, DatabaseStatus: s, Warnings: warnings, Problems: problems, Errors: errs, Hints: a.Names.AfterStatus(s), Found: wrong}); err != nil {
		return err
	}
	a.Advise(a.Names.AfterStatus(s))
	if wrong.Error == nil && c.ExitCode && s.Pending() {
		return report.Exit(3)
	}
	return wrong.Err()
}

type wait struct {
	Version *int          `placeholder:"N" help:"Version to wait for, or a higher one. Default: that of the last migration."`
	Timeout time.Duration `default:"60s" placeholder:"TIME" help:"Give up after this time; 0s looks once. Default: 60s."`
}

func (wait) Help() string {
	return `For programs that must not start before the migrations are applied. It only reads,
and also waits for a database that does not exist yet.

Examples:

    fastmigrate wait --db data/shop.db && exec worker
    fastmigrate wait --version 12 --timeout 5m`
}

func (c wait) Run(a *app) error {
	n := deref(c.Version)
	if c.Version == nil {
		if err := a.readable(); err != nil {
			return err
		}
		list, misnamed, err := a.options.Migrations(os.DirFS(a.dir))
		if err == nil && len(list) == 0 {
			err = core.NoMigrations(misnamed)
		}
		if err != nil {
			return fmt.Errorf("cannot tell from %s which version to wait for: %w", a.dir, err)
		}
		n = list[len(list)-1].Version
	}
	if n < 1 {
		return hint.Usagef("--version=%d: versions begin with 1", n)
	}
	if c.Timeout < 0 {
		return negative("--timeout", c.Timeout)
	}
	ctx, cancel := context.WithTimeout(a, c.Timeout)
	defer cancel()
	v, err := core.Wait(ctx, a.db, n, a.options)
	other := slices.ContainsFunc([]error{fs.ErrNotExist, core.ErrUnversioned, core.ErrBusy, fault.ErrUnfinished}, func(why error) bool { return errors.Is(err, why) })
	if errors.Is(err, context.DeadlineExceeded) && !other {
		list, _, unread := a.options.Migrations(os.DirFS(a.dir))
		if unread == nil && len(list) > 0 && list[len(list)-1].Version < n {
			err = hint.With(err, fmt.Sprintf("the last migration in %s is version %d: is --migrations right? %s waits for that one",
				a.dir, list[len(list)-1].Version, a.Names.On("fastmigrate wait")))
		}
	}
	if err != nil {
		return err
	}
	return a.Report(a.Line("%s is at version %d", a.db, v), result.Standing{Database: a.db, Version: v})
}
