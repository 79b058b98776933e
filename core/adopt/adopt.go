// Package adopt turns a database that another tool migrated into a versioned one, and
// converts the tool's migrations. The only call:
//
//	result, err := adopt.DB(ctx, "app.db", adopt.Source{From: "goose", Dir: "old", To: "migrations"}, core.Options{})
//
// The invariant: the database gets its version and its history, and the files are written,
// only after the migrations have produced the same schema on a scratch database; all of
// this is done, or nothing. The tool's own files and its version table stay unchanged.
package adopt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/tools"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
	"fastmigrate/core/visible"
)

// Source says what [DB] takes over, and where to.
type Source struct {
	From   string // the tool: goose, dbmate, golang-migrate, alembic, or user_version for numbered files and PRAGMA user_version
	Dir    string // directory of its migrations; for alembic, of its alembic.ini
	To     string // directory for the migrations, created if needed
	Table  string // table with the tool's versions. Empty: the tool's usual one
	DryRun bool   // everything is tried, but nothing is written
}

// Result is what [DB] did, or with Source.DryRun would do.
type Result struct {
	Version    int         `json:"version"` // of the database now
	Migrations []Migration `json:"migrations"`
}

// Migration is a migration taken over from another tool.
type Migration struct {
	core.Migration
	From    string     `json:"from"`              // the tool's file
	Down    string     `json:"down,omitempty"`    // the file that undoes it, below the directory; "" if there is none
	Pending bool       `json:"pending"`           // it was not applied
	Applied *time.Time `json:"applied,omitempty"` // when it was applied; nil if the tool did not record it

	text, down []byte
	part       tools.Part
	header     string
	line       string // below the header, for foreign keys; "" if there is none
	written    bool   // the file is in To already, with this text
}

// String returns a line for each migration, for a person.
func (r Result) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, m := range r.Migrations {
		state := string(core.StateApplied)
		if m.Pending {
			state = string(core.StatePending)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", state, visible.Line(m.Name), visible.Line(m.From))
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// DB adopts the database at path. It writes the tool's migrations to source.To, numbered
// from 0001 in their order, and the files that undo them to its subdirectory down, which is
// never read. Unless [core.Options.NoReplay] is set, it first runs the migrations that are
// applied, according to the tool's version table, on a scratch database: they must produce
// the schema of this database.
//
// Foreign keys are checked as in a real run, even in pending migrations, as far as these
// run there. A file that violates them gets the comment that permits it, or PRAGMA
// foreign_keys = ON if only that leaves the rows that the database has. Files that already
// exist in source.To must be the ones that would be written, or later ones: this way, more
// databases of the same application can be adopted.
//
// It uses the NoReplay, NoHistory, NoForeignKeyCheck, IgnoreTables, Runners, LockTimeout,
// ScriptTimeout, Python, Shell, Output, Logger, Tool and Trial of opts.
//
// Errors: [core.ErrVersioned]; [fault.ErrOtherTool] if source.From did not migrate it;
// [core.ErrRefused] if the schemas differ or a migration cannot be taken over, with the
// tool's file in the [core.Error]; fs.ErrExist if source.To has other migrations; those of
// [core.Version].
func DB(ctx context.Context, path string, source Source, opts core.Options) (r Result, err error) {
	defer core.Wrap(&err, fault.OpAdopt, path)
	tool, err := source.tool()
	if err != nil {
		return r, err
	}
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return r, err
	}
	if filename.Same(source.Dir, source.To) {
		return r, fault.Of(fs.ErrExist, "%s contains the files of %s: the migrations need a directory of their own", source.To, source.From)
	}
	if err := filename.Plain(source.To, source.To); err != nil {
		return r, err
	}
	shown := source.To
	if source.To, err = file.PlaceOf(opts.Trial).Files(source.To); err != nil {
		return r, err
	}
	open := d.OpenWrite
	if source.DryRun {
		open = d.OpenRead
	}
	c, err := open(ctx)
	if err != nil {
		return r, err
	}
	defer c.Close()
	if err := d.CheckEnrollable(c); err != nil {
		return r, err
	}
	a := &adoption{d, source, tool, nil, nil}
	if err := a.readTool(ctx, c); err != nil {
		return r, err
	}
	if r, err = a.convert(); err != nil {
		return r, err
	}
	if err := r.sameFiles(ctx, source.To, shown, opts); err != nil {
		return r, err
	}
	var replayed []schema.Object
	if !opts.NoReplay {
		replayed, err = r.replay(ctx, d, c)
	}
	if err != nil {
		return r, err
	}
	if source.DryRun {
		return r, d.Diagnose(a.checkSchema(c, r, replayed))
	}
	return r, a.finish(ctx, c, r, replayed)
}

// tool returns the tool of a source.
func (s Source) tool() (tools.Tool, error) {
	known := tools.Tools()
	i := slices.IndexFunc(known, func(t tools.Tool) bool { return t.Name == s.From })
	if i < 0 {
		return tools.Tool{}, fmt.Errorf("%q is not a known tool", s.From)
	}
	tool := known[i]
	if s.Table != "" {
		tool.Table = s.Table
	}
	return tool, nil
}

// adoption is one call of [DB].
type adoption struct {
	*upgrade.Database
	Source
	tool tools.Tool
	list []tools.Migration
	rows []tools.Row // of those that were applied, in the order of the list
}

// readTool reads the tool's files and its table.
func (a *adoption) readTool(ctx context.Context, c *sqlite.Conn) error {
	list, passed, err := a.tool.Files(ctx, tools.Source{Dir: a.Dir, Table: a.tool.Table, Python: a.Run(nil).Python()})
	if err != nil {
		return located(err)
	}
	for _, name := range passed {
		a.Log().Warn("skipped: its name is not one of " + a.From + ": " + filepath.Join(a.Dir, name))
	}
	a.list = list
	a.rows, err = a.readApplied(c)
	return err
}

// located makes a [fault.Error] of an error about another tool's file.
func located(err error) error {
	var e *tools.Error
	var p *fs.PathError
	switch {
	case errors.As(err, &p):
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	case !errors.As(err, &e):
		return err
	}
	at := fault.New(e.File, fault.Of(fault.ErrRefused, "%s", e.Text)).WithOutput(e.Output)
	at.Line, at.Column, at.Source = e.Line, min(e.Line, 1), e.Source
	return at
}

// readApplied reads the rows of the tool's version table, in the order of the list.
func (a *adoption) readApplied(c *sqlite.Conn) ([]tools.Row, error) {
	rows, err := a.tool.Applied(c, a.tool.Table, a.list)
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Code == 1: // there is no such table, or column
		return nil, fault.Of(fault.ErrOtherTool, "%s did not migrate it, or uses another table: %s", a.From, e.Msg)
	case errors.As(err, &e):
		return nil, a.Diagnose(err)
	}
	if err == nil {
		rows, err = tools.Prefix(a.list, rows)
	}
	if err != nil && !errors.As(err, new(*tools.Error)) {
		err = fault.Of(fault.ErrRefused, "%v", err)
	}
	return rows, located(err)
}

// checkSchema compares the schema that the database has now with that of the migrations.
// The tool's table is no part of it. The tool must not have migrated it meanwhile.
func (a *adoption) checkSchema(c *sqlite.Conn, r Result, replayed []schema.Object) error {
	now, err := a.readApplied(c)
	if err != nil {
		return err
	}
	if !slices.Equal(now, a.rows) {
		return fmt.Errorf("%s migrated it meanwhile", a.From)
	}
	if a.Opts.NoReplay {
		return nil
	}
	mine, err := file.ManagedObjects(c, a.Opts.IgnoreTables)
	if err != nil {
		return err
	}
	but := "no migration was applied, but it has a schema"
	if r.Version > 0 {
		but = "the migrations up to " + r.Migrations[r.Version-1].From + " do not produce its schema"
	}
	own := func(o schema.Object) bool { return strings.EqualFold(o.Table, a.tool.Table) }
	return upgrade.CheckSchema(slices.DeleteFunc(mine, own), slices.DeleteFunc(replayed, own), but)
}

// finish gives the database its version and its history, and writes the files last, so
// that they do not exist while it waits for the lock.
func (a *adoption) finish(ctx context.Context, c *sqlite.Conn, r Result, replayed []schema.Object) error {
	var w upgrade.NewFiles
	err := a.Diagnose(a.Transact(c, func() error {
		if err := a.checkSchema(c, r, replayed); err != nil {
			return err
		}
		if err := a.Stamp(c, r.Version); err != nil {
			return err
		}
		if err := r.record(c, a.From, a.Opts); err != nil {
			return err
		}
		return r.write(ctx, a.To, &w)
	}))
	if err != nil {
		a.Withdraw(c, w)
	}
	return err
}
