// The commands status, wait and resolve: how far a database is.

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/repair"
	"fastmigrate/core/visible"
)

type resolve struct {
	Completed  bool `xor:"how" required:"" help:"All of it happened: the database gets its version."`
	RolledBack bool `xor:"how" required:"" help:"Nothing of it is left, or it may run again on what is left: the next run begins it anew."`
}

func (resolve) Help() string {
	return `A .py or .sh migration that was killed, or failed after it had changed the
database, is not run again before somebody has looked at what it left.

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
	return a.Report(a.Line("%s is at version %d", a.db, v), standing{a.db, v})
}

// standing is the version of a database.
type standing struct {
	Database string `json:"database"` // its path
	Version  int    `json:"version"`
}

type status struct {
	ExitCode     bool  `help:"Exit with 3 if migrations are pending, and with 1 if anything is wrong."`
	AllowMissing *bool `help:"Nothing is wrong with applied migrations that have no file any more, nor with a database that is ahead of its migrations."`
}

func (status) Help() string {
	return `Nothing is created or changed. A migration is

    applied       and its file as it was
    unrecorded    not above the version, but not in the history: another tool
                  applied it, or the history begins later
    pending, running, interrupted
    edited        after it was applied: fastmigrate accept
    missing       applied, and its file is gone
    out-of-order  below the version, and never applied: fastmigrate renumber
    duplicate     one of several with a version: fastmigrate renumber
    misnamed      no migration, though probably meant as one: why is said below

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
	if err := a.Report(strings.Join(append([]string{a.table(s)}, report.Lines(below)...), "\n"), statusResult{a.db, s, warnings, problems, errs, a.Names.AfterStatus(s), wrong}); err != nil {
		return err
	}
	a.Advise(a.Names.AfterStatus(s))
	if wrong.Error == nil && c.ExitCode && s.Pending() {
		return report.Exit(3)
	}
	return wrong.Err()
}

type statusResult struct {
	Database string `json:"database"` // its path
	core.DatabaseStatus
	Warnings []string         `json:"warnings"` // of files that are misnamed
	Problems []string         `json:"problems"` // what would stop a run, each as one line
	Errors   []report.Problem `json:"errors"`   // the same problems
	Hints    []string         `json:"hints"`    // commands to type next
	report.Found
}

// table shows how every migration stands.
func (a *app) table(s core.DatabaseStatus) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STATE\tMIGRATION\tAPPLIED\tTIME\tROWS\tHOST")
	for _, m := range s.Migrations {
		applied, took, rows := "-", "-", "-"
		if m.Applied != nil {
			applied = m.Applied.Local().Format(time.DateTime)
		}
		if m.Applied != nil && m.Host != "" && m.State != core.StateRunning && m.State != core.StateInterrupted {
			took = core.Applied{Duration: max(m.Duration, time.Millisecond)}.Took()
		}
		if m.Rows != nil {
			rows = fmt.Sprint(*m.Rows)
		}
		name := visible.Line(m.Name)
		if m.Was != "" {
			name += " (applied as " + visible.Line(m.Was) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.State, name, applied, took, rows, cmp.Or(visible.Line(m.Host), "-"))
	}
	for _, m := range s.Misnamed {
		fmt.Fprintf(w, "misnamed\t%s\t-\t-\t-\t-\n", visible.Line(m.Name))
	}
	w.Flush()
	text := fmt.Sprintf("%s is at version %d\n", visible.Line(a.db), s.Version)
	if !s.Recorded {
		text = fmt.Sprintf("%s is at version %d, and has no history of what was applied\n", visible.Line(a.db), s.Version)
	}
	if s.Unrecorded != "" {
		text += "note: none is kept: " + visible.Line(s.Unrecorded) + "\n"
	}
	if len(s.Migrations)+len(s.Misnamed) == 0 {
		return text + "there are no migrations"
	}
	return text + strings.TrimSuffix(b.String(), "\n")
}

type wait struct {
	Version *int          `placeholder:"N" help:"To wait for, or one above. Default: that of the last migration in the directory."`
	Timeout time.Duration `default:"60s" placeholder:"TIME" help:"Give up after this time, 0s: look once. Default: 60s."`
}

func (wait) Help() string {
	return `For what must not start before the migrations are applied. It only reads, and a
database that is not there yet is waited for too.

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
			return fmt.Errorf("which version to wait for, %s does not tell: %w", a.dir, err)
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
	return a.Report(a.Line("%s is at version %d", a.db, v), standing{a.db, v})
}
