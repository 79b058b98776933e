package coretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/fault"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
)

// checker brings two databases from version to version: one that never had rows but those
// of the migrations, and one that is given more at each version.
type checker struct {
	Options
	fsys              fs.FS
	empty, full, copy string
	version           int               // of both
	filled            map[string]string // the SQL of each table that has rows of all kinds, by name
	reported          []string          // problems that stay, and are reported once
	noted             map[string]bool   // tables without rows that are noted already
	lost              bool              // a migration failed on the empty one
	over              bool              // nothing more can be checked

	onEmpty, onFull upgrade.Series // of the migrations of both

	list   []core.Migration
	others []fs.DirEntry // files beside the migrations
	state  *state        // of the database with rows; nil if it is to be read
}

// change is what one migration did to the database with rows.
type change struct {
	was           []byte // the file before
	before, after *state
	bare          []schema.Object // after it, without rows; nil if it is to be read
	statements    int
	steps         bool        // it did not run in one transaction
	found         []string    // what the migrator itself found in it
	seen          *loss.Trace // what it touched; nil: that is unknown
}

// check checks the next migration. The error is about the directory.
func (c *checker) check(ctx context.Context, one *Checked, text []byte) error {
	m, from := one.Migration, c.version
	c.version = m.Version
	onEmpty, bare := errNoEmpty, &bare{}
	if !c.lost {
		_, onEmpty = c.migrateNext(ctx, &c.onEmpty, c.empty, from, m, bare)
	}
	if m.Version <= c.From {
		if onEmpty != nil {
			one.fail("", onEmpty)
			c.over = true
			return nil
		}
		return c.restart(ctx, one)
	}
	says := directive.Read(m.Kind(), text)
	one.says = says
	for _, i := range says.Ignored {
		one.Notes = append(one.Notes, fmt.Sprintf("line %d: %v", bytes.Count(text[:i.Offset], []byte("\n"))+1, i))
	}
	did, onRows, err := c.applyOnRows(ctx, from, m)
	if err != nil || ctx.Err() != nil {
		return err
	}
	one.Notes = append(one.Notes, did.found...)
	c.failures(one, from, onEmpty, onRows)
	c.lost = c.lost || onEmpty != nil
	if onRows != nil {
		if c.over = c.lost; c.over {
			return nil
		}
		return c.restart(ctx, one)
	}
	conn := c.onFull.Conn()
	if conn == nil {
		if conn, err = sqlite.Open(ctx, c.full, sqlite.ReadWrite, 0); err != nil {
			return err
		}
		defer conn.Close()
	}
	if did.after, err = stateOf(conn, did.before, did.seen); err != nil {
		return err
	}
	if err := writeFile(c.copy, did.was); err != nil {
		return err
	}
	if err := c.findLosses(ctx, one, did, string(text)); err != nil {
		return err
	}
	did.bare = bare.schema
	if err := c.problems(ctx, one, did, c.Core.NoForeignKeyCheck || says.Unchecked); err != nil {
		return err
	}
	if !actsOutside(m, text) {
		if err := c.stopEverywhere(ctx, one, from, did); err != nil {
			return err
		}
	}
	c.state = did.after
	notes, err := c.fill(ctx, conn, m.Version, did.seen)
	one.Notes = append(one.Notes, notes...)
	return err
}

// applyOnRows applies a migration to the database with rows, at version from. If it fails there, that is
// onRows.
func (c *checker) applyOnRows(ctx context.Context, from int, m core.Migration) (did change, onRows, err error) {
	if did.was, err = c.readFile(ctx, c.full); err != nil {
		return did, nil, err
	}
	if did.before, c.state = c.state, nil; did.before == nil {
		if did.before, err = readState(ctx, c.full); err != nil {
			return did, nil, err
		}
	}
	var l listener
	applied, onRows := c.migrateNext(countStatements(ctx, &did.statements), &c.onFull, c.full, from, m, &l)
	did.found, did.seen = l.notes(), l.trace
	did.steps = applied != nil && applied.Steps
	return did, onRows, nil
}

// failures adds those of a migration without rows and with rows, one that is the same on
// both once. From is the version before it.
func (c *checker) failures(one *Checked, from int, onEmpty, onRows error) {
	switch {
	case onEmpty != nil && onRows != nil && (c.lost || cause(onEmpty) == cause(onRows)):
		one.fail("", onRows)
	case onRows != nil:
		one.fail(fmt.Sprintf("on rows that version %d permits: ", from), onRows)
	}
	if onEmpty != nil && onEmpty != errNoEmpty && (onRows == nil || cause(onEmpty) != cause(onRows)) {
		one.fail("without rows: ", onEmpty)
	}
}

// problems adds the problems of the database with rows: a schema that the other one does
// not have, and what a check finds. Violations of foreign keys may be intended.
func (c *checker) problems(ctx context.Context, one *Checked, did change, unchecked bool) error {
	if !c.lost {
		bare, err := did.bare, error(nil)
		if bare == nil {
			bare, err = core.Schema(ctx, c.empty, c.Core)
		}
		if err != nil {
			return err
		}
		for _, change := range schema.Compare(bare, did.after.Schema) {
			c.once(one, "the schema depends on the rows: with some, "+change.String())
		}
	}
	in := c.scope(one.Migration, did.seen)
	in.Conn = c.onFull.Conn()
	report, err := check.Within(ctx, c.full, c.Core, in)
	if err != nil {
		return err
	}
	if report.Version < one.Version {
		if again, err := c.migrate(ctx, c.full, one.Migration, nil); err != nil || again != nil {
			one.problem("it still counts as pending after it was applied: %v %v", again, err)
		}
	}
	for _, p := range report.Problems {
		if p.Part == fault.ForeignKeys && unchecked {
			c.reported = append(c.reported, p.String())
		}
		c.once(one, p.String())
	}
	return nil
}

// scope is the part to check after a migration: what it touched or, after the last one,
// everything.
func (c *checker) scope(m core.Migration, trace *loss.Trace) (in check.Scope) {
	if names, known := trace.Touched(); known && !c.ends(m) {
		in.Tables = append([]string{}, names...)
		in.Parts = []fault.Part{fault.Journal, fault.Integrity, fault.ForeignKeys, fault.FullText, fault.Version}
	}
	return in
}

// ends reports whether no migration is checked after m.
func (c *checker) ends(m core.Migration) bool {
	at := slices.IndexFunc(c.list, func(o core.Migration) bool { return o.Version > m.Version })
	if at < 0 || !c.NoPrograms {
		return at < 0
	}
	text, err := fs.ReadFile(c.fsys, c.list[at].Name)
	return err != nil || actsOutside(c.list[at], text)
}

// actsOutside reports whether a migration may do something that is not in the
// database.
func actsOutside(m core.Migration, text []byte) bool {
	switch m.Kind() {
	case "py", "sh":
		return true
	case "sql":
	default: // all work of a Runner is in its transaction
		return false
	}
	for sc := split.New(text); ; {
		st, ok := sc.Next()
		if !ok || st.Kind == split.Attach || st.Kind == split.Vacuum && word(string(text[st.Start:st.End]), "INTO") {
			return ok
		}
	}
}

// restart replaces the database with rows by the one without, and fills it.
func (c *checker) restart(ctx context.Context, one *Checked) error {
	c.filled, c.state = nil, nil
	c.onFull.Close()
	data, err := c.readFile(ctx, c.empty)
	if err == nil {
		err = writeFile(c.full, data)
	}
	if err != nil {
		return err
	}
	conn, err := sqlite.Open(ctx, c.full, sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer conn.Close()
	notes, err := c.fill(ctx, conn, c.version, nil)
	one.Notes = append(one.Notes, notes...)
	return err
}

// errNoEmpty: a migration has failed on the database without rows.
var errNoEmpty = errors.New("the database without rows is gone")

// migrate applies one migration, and returns nil if there was nothing to apply. It is
// seen by watch; nil if by no one.
func (c *checker) migrate(ctx context.Context, path string, m core.Migration, watch apply.Observer) (*core.Applied, error) {
	opts, files := c.Core, c.fsys
	opts.To, opts.Observer = m.Version, watch
	if m.Kind() == "sql" { // each run would read all that were applied
		files, opts.AllowMissing = alone{c, m}, true
	}
	r, err := core.RunMigrations(ctx, path, files, opts)
	if len(r.Applied) == 0 {
		return nil, err
	}
	return &r.Applied[0], err
}

// migrateNext is migrate for a database at version from, which the series is of: without a
// survey of it.
func (c *checker) migrateNext(ctx context.Context, s *upgrade.Series, path string, from int, m core.Migration, watch apply.Observer) (done *core.Applied, err error) {
	if m.Kind() != "sql" {
		s.Close()
		return c.migrate(ctx, path, m, watch)
	}
	opts := c.Core
	opts.Observer = watch
	list, err := s.Next(ctx, path, alone{c, m}, opts.Config(), m, from)
	if besides(path) { // that a copy of the file has all
		s.Close()
	}
	if errors.Is(err, file.ErrVersionChanged) {
		s.Close()
		return c.migrate(ctx, path, m, watch)
	}
	core.Wrap(&err, fault.OpMigrate, path)
	if len(list) > 0 {
		applied := core.Applied(list[0])
		done = &applied
	}
	return done, err
}

// alone is the migrations directory, in which the list of files has no other migration.
type alone struct {
	*checker
	m core.Migration
}

func (a alone) Open(name string) (fs.File, error) { return a.fsys.Open(name) }

func (a alone) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return fs.ReadDir(a.fsys, name)
	}
	info, err := fs.Stat(a.fsys, a.m.Name)
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(a.others), fs.FileInfoToDirEntry(info)), nil
}

// cause is the message of an error of core, without the database.
func cause(err error) string {
	var e *core.Error
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// once adds a problem that lasts, at the first migration that has it.
func (c *checker) once(one *Checked, problem string) {
	if !slices.Contains(c.reported, problem) {
		c.reported = append(c.reported, problem)
		one.problem("%s", problem)
	}
}

// fail adds a failure of the migration.
func (one *Checked) fail(when string, err error) {
	p := Problem{File: one.Name, Message: when + cause(err), Err: err}
	var e *core.Error
	if errors.As(err, &e) {
		p.Line, p.Column, p.Source, p.Output = e.Line, e.Column, e.Source, e.Output
	}
	one.Problems = append(one.Problems, p)
}

// lost adds a problem about a loss, or a note if a comment in the migration accepts it.
func (one *Checked) lost(code finding.Code, format string, args ...any) {
	if slices.ContainsFunc(one.says.Accepts, func(a directive.Accept) bool { return a.Code == code }) {
		one.Notes = append(one.Notes, fmt.Sprintf("accepted: "+format, args...))
		return
	}
	one.problem(format, args...)
}

// problem adds a problem that is no error of core.
func (one *Checked) problem(format string, args ...any) {
	one.Problems = append(one.Problems, Problem{File: one.Name, Message: fmt.Sprintf(format, args...)})
}
