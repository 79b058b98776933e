// The migration that makes drift part of the history. It runs on the database that has
// drifted, where it must change nothing, and on all others that the migrations made, where
// it must add what is missing. Its statements about a table therefore work whether a column
// already exists or not.

package drift

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// Fix does what [Find] does, and writes the next migration, NNNN-drift.sql, into dir. That
// migration changes the schema of the migrations to that of the database, so that other
// databases get the changes that were made to this one by hand. The database itself does
// not change, except that a transaction which a crash left unfinished is rolled back.
// Without drift, Fix writes nothing.
//
// Before it is written, the migration is tried on the scratch database, and on a private
// copy of the database, where it must not change any row. Fix uses the same options as
// Find.
//
// Errors: those of Find; [core.ErrRefused] if a trial fails or programs were not run;
// [fault.ErrPending] if migrations are pending; [fault.ErrEdited]; fs.ErrExist.
func Fix(ctx context.Context, path, dir string, opts core.Options) (r Report, err error) {
	defer core.Wrap(&err, fault.OpFix, path)
	shown := dir
	if dir, err = file.PlaceOf(opts.Trial).Files(dir); err != nil {
		return r, err
	}
	d, err := compare(ctx, path, os.DirFS(dir), opts, (*file.DB).OpenRecover)
	defer d.close()
	if err != nil || len(d.Differences) == 0 {
		return d.Report, err
	}
	if d.edited != nil {
		return d.Report, d.edited
	}
	if len(d.Skipped) > 0 {
		return d.Report, fault.Of(fault.ErrRefused, "%s was not run: its changes would be taken for drift", d.Skipped[0])
	}
	if d.nextVersion-1 > d.Version {
		return d.Report, fault.Of(fault.ErrPending, "is at version %d, but %04d is pending, and the new migration would come after it", d.Version, d.nextVersion-1)
	}
	if d.nextVersion > 9999 {
		return d.Report, errors.New("9999 is the highest version")
	}
	name := fmt.Sprintf("%04d-drift.sql", d.nextVersion)
	at := filepath.Join(dir, name)
	if file.Present(at) { // as a directory, say
		return d.Report, fault.Of(fs.ErrExist, "%s already exists", filepath.Join(shown, name))
	}
	sql, err := d.draft(ctx)
	if err != nil {
		return d.Report, err
	}
	if err := d.prove(ctx, dir, naming.Migration{Version: d.nextVersion, Name: name}, sql); err != nil {
		return d.Report, err
	}
	if err := file.WriteNew(at, []byte(sql), 0o666); err != nil {
		return d.Report, err
	}
	if _, _, err := opts.Migrations(os.DirFS(dir)); err != nil { // someone took the number at the same moment
		os.Remove(at)
		return d.Report, err
	}
	d.File = filepath.Join(shown, name)
	return d.Report, nil
}

// draft returns the text of the migration: first it drops what would be in the way.
func (d *comparison) draft(ctx context.Context) (string, error) {
	var drop, tables, after strings.Builder
	again := map[string]bool{} // views that are dropped, whose triggers are created again
	want := map[[2]string]bool{}
	for _, diff := range d.Differences {
		o := schema.Object{Type: diff.Type, Name: diff.Name}
		want[o.Key()] = diff.Database != ""
		if diff.Type == "view" && diff.Migrations != "" {
			again[strings.ToLower(diff.Name)] = true
		}
		if diff.Migrations != "" && diff.Type != "table" {
			fmt.Fprintf(&drop, "DROP %s IF EXISTS %s;\n", strings.ToUpper(diff.Type), sqlite.Quote(diff.Name))
		}
	}
	for _, diff := range d.Differences {
		switch {
		case diff.Type != "table" || diff.Migrations == "":
		case diff.Database == "":
			fmt.Fprintf(&drop, "-- Loses the rows of the table %s.\nDROP TABLE IF EXISTS %s;\n", sqlite.Comment(sqlite.Quote(diff.Name)), sqlite.Quote(diff.Name))
		default:
			sql, err := d.rebuild(ctx, diff)
			if err != nil {
				return "", err
			}
			tables.WriteString("\n" + sql)
		}
	}
	rebuilt := func(o schema.Object) bool {
		return slices.ContainsFunc(d.Differences, func(diff schema.Difference) bool {
			return diff.Type == "table" && diff.Migrations != "" && diff.Database != "" && strings.EqualFold(diff.Name, o.Table)
		})
	}
	for _, o := range d.have {
		made := o.Type == "trigger" && again[strings.ToLower(o.Table)]
		if !want[o.Key()] && !made || rebuilt(o) {
			continue
		}
		sql, err := o.IfNotExists()
		if err != nil {
			return "", err
		}
		after.WriteString("\n" + sql)
	}
	head := fmt.Sprintf("-- Records changes that were made in %q without a migration.\n-- There, this changes nothing: existing columns keep their values. Elsewhere, new columns\n-- get their default.\n", filepath.Base(d.Name))
	if drop.Len() > 0 {
		head += "\n"
	}
	return head + drop.String() + tables.String() + after.String(), nil
}

// rebuild returns statements that give a table the definition that it has in the database,
// where it does not have it yet.
func (d *comparison) rebuild(ctx context.Context, diff schema.Difference) (string, error) {
	was := slices.Clone(d.have)
	i := slices.IndexFunc(was, func(o schema.Object) bool { return o.Key() == schema.Object{Type: diff.Type, Name: diff.Name}.Key() })
	was[i].SQL = diff.Migrations
	return schema.Reconcile(ctx, was, diff.Name, diff.Database)
}
