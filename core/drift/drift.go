// Package drift compares the schema of a database with the one that its migrations
// produce, and writes a migration that makes them match. Most programs need one call:
//
//	report, err := drift.Find(ctx, "app.db", migrations, core.Options{})
//
// The migrations are run again on a scratch database, so only their files are needed. The
// invariant: the database itself is only read.
package drift

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
	"fastmigrate/core/visible"
)

// Report says how the schema of a database differs from its migrations. Its lists are
// never nil after success.
type Report struct {
	Path        string              `json:"database"`
	Version     int                 `json:"version"`
	Differences []schema.Difference `json:"differences"`    // empty: it has the schema that the migrations produce
	Edited      []string            `json:"edited"`         // migrations that were edited after they were applied
	Skipped     []string            `json:"skipped"`        // programs that were not run, because of Options.SkipPrograms
	File        string              `json:"file,omitempty"` // path of the migration that Fix wrote; "" if it wrote none
}

// Find compares the schema of the database at path with the one that the migrations in fsys
// up to its version produce, by the rules of [schema.Compare]. It runs them, programs too,
// on a scratch database. The database itself is only read, for a moment.
//
// It uses the AllowMissing, NoForeignKeyCheck, IgnoreTables, SkipPrograms, Runners,
// LockTimeout, ScriptTimeout, Python, Shell, Output, Logger and Trial of opts.
//
// Errors: those of [core.Version]; [core.ErrRefused] with the migration that does not run on
// an empty database, for example because it needs rows; [fault.ErrAbsent] if only the
// application can run it; [fault.ErrDuplicate], [fault.ErrMissing], [fault.ErrAhead] and
// [fault.ErrOutOfOrder] if the files do not match the database; [core.ErrInterrupted] or
// [core.ErrBusy] in the middle of a migration.
func Find(ctx context.Context, path string, fsys fs.FS, opts core.Options) (r Report, err error) {
	defer core.Wrap(&err, fault.OpCompare, path)
	d, err := compare(ctx, path, fsys, opts, (*file.DB).OpenRead)
	defer d.close()
	return d.Report, err
}

// comparison is one comparison.
type comparison struct {
	*upgrade.Database
	Report
	dir         string // directory that holds the scratch database
	have, made  []schema.Object
	nextVersion int   // the version after that of the last file
	edited      error // why nothing can be applied before that is settled
}

func (d *comparison) close() {
	if d.dir != "" {
		os.RemoveAll(d.dir)
	}
}

func compare(ctx context.Context, path string, fsys fs.FS, opts core.Options, open file.Opener) (d *comparison, err error) {
	d = &comparison{Report: Report{Path: path, Differences: []schema.Difference{}, Edited: []string{}, Skipped: []string{}}}
	if d.Database, err = upgrade.New(ctx, path, opts.Config()); err != nil {
		return d, err
	}
	if err := d.readDatabase(ctx, fsys, open); err != nil {
		return d, err
	}
	if d.dir, err = file.ScratchDir(filepath.Dir(d.Path)); err != nil {
		return d, err
	}
	changed, before := map[[2]string]string{}, []schema.Object(nil)
	note := func(a apply.Applied, list []schema.Object) {
		for _, diff := range schema.Compare(before, list) {
			changed[schema.Object{Type: diff.Type, Name: diff.Name}.Key()] = a.Name
		}
		if a.Skipped != nil {
			d.Skipped = append(d.Skipped, a.Name)
		}
		before = list
	}
	d.made, err = d.Replay(ctx, fsys, d.Version, upgrade.Replay{Scratch: d.scratch(), NoForeignKeyCheck: true, OnApplied: note})
	if e := (*fault.Error)(nil); errors.As(err, &e) && e.File != "" {
		is := fault.ErrRefused
		if errors.Is(e.Err, fault.ErrAbsent) {
			is = fault.ErrAbsent
		}
		e.Err = fault.Of(is, "cannot detect drift: %v", e.Err)
	} else if e != nil {
		err = fmt.Errorf("on a scratch database in %s: %w", filepath.Dir(d.dir), e.Err)
	}
	if err != nil {
		return d, err
	}
	for _, diff := range schema.Compare(d.have, d.made) {
		d.Differences = append(d.Differences, schema.Difference{Type: diff.Type, Name: diff.Name, Database: diff.Before, Migrations: diff.After, Changed: changed[schema.Object{Type: diff.Type, Name: diff.Name}.Key()]})
	}
	return d, nil
}

func (d *comparison) scratch() string { return filepath.Join(d.dir, "scratch.db") }

// readDatabase reads the database, as of one moment, and refuses files that are not its
// history.
func (d *comparison) readDatabase(ctx context.Context, fsys fs.FS, open file.Opener) error {
	c, err := open(d.DB, ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := d.BeginSnapshot(c); err != nil {
		return err
	}
	now, err := d.SurveyOn(ctx, c)
	if err != nil {
		return err
	}
	if d.have, err = file.ManagedObjects(c, d.Opts.IgnoreTables); err != nil {
		return d.Diagnose(err)
	}
	d.Version, d.nextVersion = now.Version, 1
	list, misnamed, err := d.Opts.Kinds().Scan(fsys)
	if err != nil {
		return err
	}
	st := now.Status(list)
	if err := st.FindEdits(upgrade.EveryText, upgrade.Checksums(ctx, fsys)); err != nil {
		return err
	}
	st.Misnamed = misnamed
	for _, problem := range st.Refusals(d.Opts) {
		if !errors.Is(problem, fault.ErrEdited) {
			return problem
		}
		d.edited = problem // an edit is one way to drift
	}
	for _, m := range st.In(upgrade.StateEdited) {
		d.Edited = append(d.Edited, m.Name)
	}
	if _, err := naming.Find(list, now.Version); err != nil && now.Version > 0 {
		return fault.Of(fault.ErrMissing, "is at version %d, and %v", now.Version, err)
	}
	if len(list) > 0 {
		d.nextVersion = list[len(list)-1].Version + 1
	}
	if now.Unfinished != nil && st.Has(upgrade.StateRunning) {
		return fault.Of(fault.ErrBusy, "%s is being applied to it", now.Unfinished.File)
	} else if now.Unfinished != nil {
		return apply.Interrupted(*now.Unfinished, d.Name)
	}
	return nil
}

// String describes the Report to a person, in several lines.
func (r Report) String() string {
	var b strings.Builder
	has := "does not have"
	if len(r.Differences) == 0 {
		has = "has"
	}
	fmt.Fprintf(&b, "%s %s the schema of its migrations, at version %d\n", visible.Line(r.Path), has, r.Version)
	for _, diff := range r.Differences {
		b.WriteString("  " + strings.ReplaceAll(diff.String(), "\n", "\n  ") + "\n")
	}
	for _, name := range r.Edited {
		fmt.Fprintf(&b, "note: %s was edited after it was applied\n", visible.Line(name))
	}
	for _, name := range r.Skipped {
		fmt.Fprintf(&b, "note: %s was not run: its changes count as differences\n", visible.Line(name))
	}
	if r.File != "" {
		fmt.Fprintf(&b, "wrote %s\n", visible.Line(r.File))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
