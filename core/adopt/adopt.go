package adopt

import (
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

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/tools"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
	"fastmigrate/core/visible"
)

// Source says what Adopt takes over.
type Source struct {
	From   string // the tool: goose, dbmate, golang-migrate, alembic, or user_version for numbered files and PRAGMA user_version
	Dir    string // directory of its migrations; for alembic, of its alembic.ini
	To     string // directory for the migrations, made if needed
	Table  string // that holds the tool's versions. Empty: its usual one
	DryRun bool   // all is proven, and nothing is written
}

// Result is what Adopt did, or would do.
type Result struct {
	Version    int         `json:"version"` // of the database now
	Migrations []Migration `json:"migrations"`
}

// Migration is a migration that was another tool's.
type Migration struct {
	core.Migration
	From    string     `json:"from"`              // its file there
	Down    string     `json:"down,omitempty"`    // the file of its way back, below the directory; "" if it has none
	Pending bool       `json:"pending"`           // it was not applied
	Applied *time.Time `json:"applied,omitempty"` // when it was; nil if the tool did not keep it

	text, down []byte
	part       tools.Part
	header     string
	line       string // below the header, for foreign keys; "" if there is none
	there      bool   // the file is in To already, with this text
}

// String gives a line for each migration.
func (a Result) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, m := range a.Migrations {
		state := string(core.StateApplied)
		if m.Pending {
			state = string(core.StatePending)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", state, visible.Line(m.Name), visible.Line(m.From))
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// DB makes a database that another tool migrated a versioned one. The tool's
// migrations are written to another directory, numbered from 0001 in their
// order, their ways back to a directory down in it, which is never read. What the
// tool's version table says was applied is run on a scratch database, which must
// come to have the schema of this one, but with Options.NoReplay. Foreign keys are
// checked as in a real run, also of the migrations to come, as far as they run there: a
// file that violates them gets the comment that lets it. It gets PRAGMA foreign_keys =
// ON instead if only that leaves the rows that the database has. Only then the database
// gets its version and its history, and the files are written: all of it, or nothing.
// The table is left as it is. Files that are there already may only be those that would be
// written, and later ones: so are further databases adopted.
//
// Errors: ErrVersioned; ErrRefused for what is not proven or cannot be taken
// over, with the tool's file in Error; fs.ErrExist if there are other migrations
// in To; those of Version.
func DB(ctx context.Context, path string, a Source, o core.Options) (r Result, err error) {
	defer core.Wrap(&err, "adopt", path)
	known := tools.Tools()
	i := slices.IndexFunc(known, func(t tools.Tool) bool { return t.Name == a.From })
	if i < 0 {
		return r, fmt.Errorf("%q is no tool that is known", a.From)
	}
	tool := known[i]
	if a.Table != "" {
		tool.Table = a.Table
	}
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return r, err
	}
	if sameDir(a.Dir, a.To) {
		return r, fault.Of(fs.ErrExist, "%s holds the files of %s: the migrations need a directory of their own", a.To, a.From)
	}
	if err := filename.Plain(a.To, a.To); err != nil {
		return r, err
	}
	named := a.To
	if a.To, err = file.PlaceOf(o.Trial).Files(a.To); err != nil {
		return r, err
	}
	open := d.OpenWrite
	if a.DryRun {
		open = d.OpenRead
	}
	c, err := open(ctx)
	if err != nil {
		return r, err
	}
	defer c.Close()
	if err := d.Unversioned(c); err != nil {
		return r, err
	}
	t, _, err := history.Find(c)
	if err != nil {
		return r, d.Diagnose(err)
	}
	d.Unrecorded(t)
	s := &adoption{d, a, tool, nil, nil}
	if err := s.read(ctx, c); err != nil {
		return r, err
	}
	if r, err = s.convert(); err != nil {
		return r, err
	}
	if err := r.agree(ctx, a.To, named, o); err != nil {
		return r, err
	}
	var replayed []schema.Object
	if !o.NoReplay {
		replayed, err = r.replay(ctx, d, c)
	}
	if err != nil {
		return r, err
	}
	if a.DryRun {
		return r, d.Diagnose(s.prove(c, r, replayed))
	}
	return r, s.finish(ctx, c, r, replayed)
}

// adoption is what Adopt works with.
type adoption struct {
	*upgrade.Database
	Source
	tool tools.Tool
	list []tools.Migration
	rows []tools.Row // of those that were applied, in the order of the list
}

// read reads the tool's files and its table.
func (s *adoption) read(ctx context.Context, c *sqlite.Conn) error {
	list, passed, err := s.tool.Files(ctx, tools.Source{Dir: s.Dir, Table: s.tool.Table, Python: s.Run(nil).Python()})
	if err != nil {
		return theirs(err)
	}
	for _, name := range passed {
		s.Log().Warn("skipped, as its name is not one of " + s.From + ": " + filepath.Join(s.Dir, name))
	}
	s.list = list
	s.rows, err = s.applied(c)
	return err
}

func sameDir(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}

// theirs makes an *fault.Error of one about another tool's file.
func theirs(err error) error {
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

// applied gives the rows of the tool's version table, in the order of the list.
func (s *adoption) applied(c *sqlite.Conn) ([]tools.Row, error) {
	rows, err := s.tool.Applied(c, s.tool.Table, s.list)
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Code == 1: // there is no such table, or column
		return nil, fault.Of(fault.ErrOtherTool, "%s did not migrate it, or uses another table: %s", s.From, e.Msg)
	case errors.As(err, &e):
		return nil, s.Diagnose(err)
	}
	if err == nil {
		rows, err = tools.Prefix(s.list, rows)
	}
	if err != nil && !errors.As(err, new(*tools.Error)) {
		err = fault.Of(fault.ErrRefused, "%v", err)
	}
	return rows, theirs(err)
}

// prove reports why the schema of the database, as it is now, is not that of the
// migrations. The tool's table is no part of it.
func (s *adoption) prove(c *sqlite.Conn, r Result, replayed []schema.Object) error {
	now, err := s.applied(c)
	if err != nil {
		return err
	}
	if !slices.Equal(now, s.rows) {
		return fmt.Errorf("%s migrated it meanwhile", s.From)
	}
	if s.O.NoReplay {
		return nil
	}
	mine, err := file.ManagedObjects(c, s.O.IgnoreTables)
	if err != nil {
		return err
	}
	but := "no migration was applied, and it has a schema"
	if r.Version > 0 {
		but = "the migrations up to " + r.Migrations[r.Version-1].From + " do not make its schema"
	}
	own := func(o schema.Object) bool { return strings.EqualFold(o.Table, s.tool.Table) }
	return upgrade.Proven(slices.DeleteFunc(mine, own), slices.DeleteFunc(replayed, own), but)
}

// finish gives the database its version and its history, and writes the files:
// last, so that nobody waits for the lock with them there.
func (s *adoption) finish(ctx context.Context, c *sqlite.Conn, r Result, replayed []schema.Object) error {
	var w upgrade.Written
	err := s.Diagnose(s.Transact(c, func() error {
		if err := s.prove(c, r, replayed); err != nil {
			return err
		}
		if err := s.Stamp(c, r.Version); err != nil {
			return err
		}
		if err := r.record(c, s.From, s.O); err != nil {
			return err
		}
		return r.write(ctx, s.To, &w)
	}))
	if err != nil {
		s.Withdraw(c, w)
	}
	return err
}
