// The migration that makes drift part of the history. It runs on the database
// that has drifted, where it must change nothing, as well as on all others that
// the migrations made, where it must change what is missing: what it says of a
// table therefore holds whether a column is there already or not.

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

// Fix is Drift, and writes the next migration, NNNN-drift.sql, into dir: it
// makes the schema of the migrations that of the database, and so has the others
// follow what was done to this one by hand. On the database itself it changes
// nothing, but undoes what a crash left unfinished. Without drift, none is written.
//
// Before it is written it has to prove that: on the scratch database, and on a
// private copy of the database, in which no row may change. Errors: those of
// Drift; ErrRefused if that fails, if migrations are pending or programs were not
// run; ErrEdited.
func Fix(ctx context.Context, path, dir string, o core.Options) (r Report, err error) {
	defer core.Wrap(&err, "fix", path)
	named := dir
	if dir, err = file.PlaceOf(o.Trial).Files(dir); err != nil {
		return r, err
	}
	x, err := compare(ctx, path, os.DirFS(dir), o, (*file.DB).ReadOrRepair)
	defer x.close()
	if err != nil || len(x.Differences) == 0 {
		return x.Report, err
	}
	if x.edited != nil {
		return x.Report, x.edited
	}
	if len(x.Skipped) > 0 {
		return x.Report, fault.Of(fault.ErrRefused, "%s was not run: what it changes would be taken for drift", x.Skipped[0])
	}
	if x.nextVersion-1 > x.Version {
		return x.Report, fault.Of(fault.ErrPending, "is at version %d, and %04d is pending: the migration would come after it", x.Version, x.nextVersion-1)
	}
	if x.nextVersion > 9999 {
		return x.Report, errors.New("9999 is the last version there can be")
	}
	name := fmt.Sprintf("%04d-drift.sql", x.nextVersion)
	at := filepath.Join(dir, name)
	if file.Present(at) { // as a directory, say
		return x.Report, fault.Of(fs.ErrExist, "%s exists already", filepath.Join(named, name))
	}
	sql, err := x.draft(ctx)
	if err != nil {
		return x.Report, err
	}
	if err := x.prove(ctx, dir, naming.Migration{Version: x.nextVersion, Name: name}, sql); err != nil {
		return x.Report, err
	}
	if err := file.WriteNew(at, []byte(sql), 0o666); err != nil {
		return x.Report, err
	}
	if _, _, err := o.Migrations(os.DirFS(dir)); err != nil { // somebody took the number at the same moment
		os.Remove(at)
		return x.Report, err
	}
	x.File = filepath.Join(named, name)
	return x.Report, nil
}

// draft is the migration, in the order in which what is in the way goes first.
func (x *comparison) draft(ctx context.Context) (string, error) {
	var drop, tables, after strings.Builder
	again := map[string]bool{} // tables whose indexes and triggers are made with them, views that are dropped
	want := map[[2]string]bool{}
	for _, d := range x.Differences {
		o := schema.Object{Type: d.Type, Name: d.Name}
		want[o.Key()] = d.Database != ""
		if d.Type == "view" && d.Migrations != "" {
			again[strings.ToLower(d.Name)] = true
		}
		if d.Migrations != "" && d.Type != "table" {
			fmt.Fprintf(&drop, "DROP %s IF EXISTS %s;\n", strings.ToUpper(d.Type), sqlite.Quote(d.Name))
		}
	}
	for _, d := range x.Differences {
		switch {
		case d.Type != "table" || d.Migrations == "":
		case d.Database == "":
			fmt.Fprintf(&drop, "-- Loses the rows of the table %s.\nDROP TABLE IF EXISTS %s;\n", sqlite.Comment(sqlite.Quote(d.Name)), sqlite.Quote(d.Name))
		default:
			sql, err := x.rebuild(ctx, d)
			if err != nil {
				return "", err
			}
			tables.WriteString("\n" + sql)
		}
	}
	rebuilt := func(o schema.Object) bool {
		return slices.ContainsFunc(x.Differences, func(d schema.Difference) bool {
			return d.Type == "table" && d.Migrations != "" && d.Database != "" && strings.EqualFold(d.Name, o.Table)
		})
	}
	for _, o := range x.have {
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
	head := fmt.Sprintf("-- Makes the schema what it is in %q, where it was changed without a\n-- migration. There, this changes nothing: a column that a table has already keeps what it\n-- holds, elsewhere its default stands in.\n", filepath.Base(x.Name))
	if drop.Len() > 0 {
		head += "\n"
	}
	return head + drop.String() + tables.String() + after.String(), nil
}

// rebuild makes the table what it is in the database, wherever it is not yet.
func (x *comparison) rebuild(ctx context.Context, d schema.Difference) (string, error) {
	was := slices.Clone(x.have)
	i := slices.IndexFunc(was, func(o schema.Object) bool { return o.Key() == schema.Object{Type: d.Type, Name: d.Name}.Key() })
	was[i].SQL = d.Migrations
	return schema.Reconcile(ctx, was, d.Name, d.Database)
}
