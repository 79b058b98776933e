// Drift is what makes a database differ from what its migrations make. It is
// found by making that again, and needs nothing but the files.

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

// Report is how the schema of a database stands to its migrations.
type Report struct {
	Path        string              `json:"database"`
	Version     int                 `json:"version"`
	Differences []schema.Difference `json:"differences"`    // none: it has the schema that they make
	Edited      []string            `json:"edited"`         // migrations that are no longer what was applied
	Skipped     []string            `json:"skipped"`        // programs that were not run, by Options.SkipPrograms
	File        string              `json:"file,omitempty"` // the migration that FixDrift wrote
}

// Find compares the schema of the database at path with what the migrations in
// fsys up to its version make of an empty one, a scratch database on which they
// are run, programs too, by the rules of [schema.Compare]. To the database itself nothing
// is done but to read it, for a moment.
//
// The error is an *fault.Error. Beside the causes of Version: ErrRefused with the
// migration that does not run on an empty database, for want of rows, say;
// ErrDuplicate, ErrMissing, ErrAhead, ErrOutOfOrder if the files are not those
// of the database, and ErrInterrupted or ErrBusy in the middle of a migration.
func Find(ctx context.Context, path string, fsys fs.FS, o core.Options) (r Report, err error) {
	defer core.Wrap(&err, "compare", path)
	x, err := compare(ctx, path, fsys, o, (*file.DB).Read)
	defer x.close()
	return x.Report, err
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

func (x *comparison) close() {
	if x.dir != "" {
		os.RemoveAll(x.dir)
	}
}

func compare(ctx context.Context, path string, fsys fs.FS, o core.Options, open file.Opening) (x *comparison, err error) {
	x = &comparison{Report: Report{Path: path, Differences: []schema.Difference{}, Edited: []string{}, Skipped: []string{}}}
	if x.Database, err = upgrade.New(ctx, path, o.Config()); err != nil {
		return x, err
	}
	if err := x.readSchemas(ctx, fsys, open); err != nil {
		return x, err
	}
	if x.dir, err = file.Scratch(filepath.Dir(x.Path)); err != nil {
		return x, err
	}
	changed, before := map[[2]string]string{}, []schema.Object(nil)
	x.made, err = x.ReplayOn(ctx, x.scratch(), fsys, x.Version, upgrade.KeysAside, func(a apply.Applied, list []schema.Object) {
		for _, c := range schema.Compare(before, list) {
			changed[schema.Object{Type: c.Type, Name: c.Name}.Key()] = a.Name
		}
		if a.Skipped != nil {
			x.Skipped = append(x.Skipped, a.Name)
		}
		before = list
	})
	if e := (*fault.Error)(nil); errors.As(err, &e) && e.File != "" {
		is := fault.ErrRefused
		if errors.Is(e.Err, fault.ErrAbsent) {
			is = fault.ErrAbsent
		}
		e.Err = fault.Of(is, "drift cannot be told: %v", e.Err)
	} else if e != nil {
		err = fmt.Errorf("on a scratch database in %s: %w", filepath.Dir(x.dir), e.Err)
	}
	if err != nil {
		return x, err
	}
	for _, c := range schema.Compare(x.have, x.made) {
		x.Differences = append(x.Differences, schema.Difference{Type: c.Type, Name: c.Name, Database: c.Before, Migrations: c.After, Changed: changed[schema.Object{Type: c.Type, Name: c.Name}.Key()]})
	}
	return x, nil
}

func (x *comparison) scratch() string { return filepath.Join(x.dir, "scratch.db") }

// readSchemas reads the database, at one moment, and refuses if the files are not its
// history.
func (x *comparison) readSchemas(ctx context.Context, fsys fs.FS, open file.Opening) error {
	c, err := open(x.DB, ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := x.OfOneMoment(c); err != nil {
		return err
	}
	now, err := x.SurveyOn(ctx, c)
	if err != nil {
		return err
	}
	if x.have, err = file.Subject(c, x.Opts.IgnoreTables); err != nil {
		return x.Diagnose(err)
	}
	x.Version, x.nextVersion = now.Version, 1
	list, misnamed, err := x.Opts.Kinds().Scan(fsys)
	if err != nil {
		return err
	}
	st := now.Status(list)
	if err := st.FindEdits(upgrade.EveryText, upgrade.Checksums(ctx, fsys)); err != nil {
		return err
	}
	st.Misnamed = misnamed
	for _, problem := range st.Refusals(x.Opts) {
		if !errors.Is(problem, fault.ErrEdited) {
			return problem
		}
		x.edited = problem // which is one way to drift
	}
	for _, m := range st.In(upgrade.StateEdited) {
		x.Edited = append(x.Edited, m.Name)
	}
	if _, err := naming.Find(list, now.Version); err != nil && now.Version > 0 {
		return fault.Of(fault.ErrMissing, "is at version %d, and %v", now.Version, err)
	}
	if len(list) > 0 {
		x.nextVersion = list[len(list)-1].Version + 1
	}
	if now.Unfinished != nil && st.Has(upgrade.StateRunning) {
		return fault.Of(fault.ErrBusy, "%s is being applied to it", now.Unfinished.File)
	} else if now.Unfinished != nil {
		return apply.Interrupted(*now.Unfinished, x.Name)
	}
	return nil
}

// String tells a person.
func (r Report) String() string {
	var b strings.Builder
	has := "does not have"
	if len(r.Differences) == 0 {
		has = "has"
	}
	fmt.Fprintf(&b, "%s %s the schema that its migrations make, at version %d\n", visible.Line(r.Path), has, r.Version)
	for _, d := range r.Differences {
		b.WriteString("  " + strings.ReplaceAll(d.String(), "\n", "\n  ") + "\n")
	}
	for _, name := range r.Edited {
		fmt.Fprintf(&b, "note: %s was edited after it was applied\n", visible.Line(name))
	}
	for _, name := range r.Skipped {
		fmt.Fprintf(&b, "note: %s was not run: what it changes counts as a difference\n", visible.Line(name))
	}
	if r.File != "" {
		fmt.Fprintf(&b, "wrote %s\n", visible.Line(r.File))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
