// What another tool's migrations need of foreign keys. Most tools leave them off, so a
// file that violates one gets the comment that permits it: nothing is lost by that. Actions,
// which delete rows, only run where the rows of the database show that they ran.

package adopt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
	"fastmigrate/core/temp"
)

const keysOn = "PRAGMA foreign_keys = ON;"

// replay returns the schema that the applied migrations make on a scratch database, and
// gives the files the lines that they need. Pending migrations are tried after them; what
// else stops those is ignored.
func (r Result) replay(ctx context.Context, d *upgrade.Database, c *sqlite.Conn) ([]schema.Object, error) {
	dir, err := temp.Scratch(temp.Plain, filepath.Dir(d.Path))
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	proof, err := r.run(ctx, d, filepath.Join(dir, "off"), directive.NoForeignKeyCheck)
	if proof.anyCascade() {
		on, e := r.run(ctx, d, filepath.Join(dir, "on"), keysOn, directive.NoForeignKeyCheck)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if e == nil && (err != nil || actionsRan(ctx, c, on.scratch, proof.scratch)) {
			proof, err = on, nil
		}
	}
	if err != nil {
		return nil, err
	}
	objects := proof.made
	if err := proof.runTo(ctx, len(r.Migrations)); ctx.Err() != nil {
		return nil, context.Cause(ctx)
	} else if e := (*fault.Error)(nil); errors.As(err, &e) && proof.failed >= 0 {
		delete(proof.reasons, proof.failed)
	}
	for i, m := range proof.Migrations {
		switch why, ok := proof.reasons[i]; {
		case ok && m.written:
			d.Log().Warn(fmt.Sprintf("%s: %v: the file already exists, without the line %s", m.Name, why, m.line))
		case ok:
			r.Migrations[i] = m
			d.Log().Warn(fmt.Sprintf("%s: %v: it gets the line %s", m.From, why, m.line))
		}
	}
	return objects, nil
}

// attempt runs the migrations on a scratch database and finds the line that each of them
// needs.
type attempt struct {
	Result
	d       *upgrade.Database
	dir     string // of the files
	scratch string
	lines   []string         // for a file whose foreign key has an action, the best one first
	untried map[int][]string // lines to be tried yet, by the place of the migration
	reasons map[int]error    // why a migration has a line
	failed  int              // the migration at which it stopped; -1 if it did not
	made    []schema.Object
}

// run runs the migrations that were applied.
func (r Result) run(ctx context.Context, d *upgrade.Database, dir string, lines ...string) (*attempt, error) {
	quiet := &upgrade.Database{DB: d.WithLockTimeout(d.Opts.LockTimeout), Opts: d.Opts}
	quiet.Config.Logger, quiet.Opts.Logger = nil, nil // no one can act on what it says of applied migrations
	t := &attempt{Result: r, d: quiet, dir: dir, lines: lines, untried: map[int][]string{}, reasons: map[int]error{}}
	t.Migrations, t.scratch = slices.Clone(r.Migrations), filepath.Join(dir, "scratch.db")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return t, err
	}
	for i := range t.Migrations {
		if err := t.write(i); err != nil {
			return t, err
		}
	}
	return t, t.runTo(ctx, r.Version)
}

// write writes the file of a migration.
func (t *attempt) write(i int) error {
	return os.WriteFile(filepath.Join(t.dir, t.Migrations[i].Name), t.Migrations[i].text, 0o600)
}

// runTo runs the migrations up to version. After each that gets another line, it begins
// again with the first.
func (t *attempt) runTo(ctx context.Context, version int) (err error) {
	for {
		t.failed = -1
		t.made, err = t.d.Replay(ctx, os.DirFS(t.dir), version, upgrade.Replay{Scratch: t.scratch})
		var e *fault.Error
		if !errors.As(err, &e) || e.File == "" {
			return err
		}
		i := slices.IndexFunc(t.Migrations, func(m Migration) bool { return m.Name == e.File })
		if i < 0 {
			return err
		}
		line := t.nextLine(i, err)
		if t.failed = i; line == "" {
			return t.atOriginal(e)
		}
		if _, ok := t.reasons[i]; !ok {
			t.reasons[i] = e.Err
		}
		t.Migrations[i] = t.Migrations[i].withLine(line)
		if err := t.write(i); err != nil {
			return err
		}
		os.Remove(t.scratch)
		t.scratch += "-"
	}
}

// nextLine returns the line that may help a migration which stopped with err; "" if none
// may.
func (t *attempt) nextLine(i int, err error) (line string) {
	lines, ok := t.untried[i]
	switch {
	case ok:
	case errors.Is(err, fault.ErrCascade):
		lines = t.lines
	case errors.Is(err, fault.ErrForeignKey):
		lines = []string{directive.NoForeignKeyCheck}
	}
	if len(lines) > 0 {
		line, t.untried[i] = lines[0], lines[1:]
	}
	return line
}

// anyCascade reports whether a foreign key with an action was violated.
func (t *attempt) anyCascade() bool {
	for _, err := range t.reasons {
		if errors.Is(err, fault.ErrCascade) {
			return true
		}
	}
	return false
}

// actionsRan reports whether the rows of a database match the scratch database on, where
// actions ran, rather than off, in the places where the two differ.
func actionsRan(ctx context.Context, c *sqlite.Conn, on, off string) bool {
	with, err := rowsOf(ctx, on)
	without, err2 := rowsOf(ctx, off)
	if err != nil || err2 != nil {
		return false
	}
	differ, ran := false, true
	for table := range with {
		gone, here := minus(without[table], with[table]), minus(with[table], without[table])
		differ = differ || len(gone)+len(here) > 0
		err := eachRow(c, table, func(row string) {
			ran = ran && !gone[row]
			delete(here, row)
		})
		if err != nil || len(here) > 0 {
			return false
		}
	}
	return differ && ran
}

// minus returns the rows of a that are not in b.
func minus(a, b map[string]bool) map[string]bool {
	a = maps.Clone(a)
	maps.DeleteFunc(a, func(row string, _ bool) bool { return b[row] })
	return a
}

// rowsOf returns the rows of those tables of a scratch database that have foreign keys: an
// action changes no others.
func rowsOf(ctx context.Context, scratch string) (map[string]map[string]bool, error) {
	d, err := upgrade.New(ctx, scratch, upgrade.Config{})
	if err != nil {
		return nil, err
	}
	c, err := d.OpenRead(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	tables, err := c.Texts("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND instr(upper(sql), 'REFERENCES')")
	made := map[string]map[string]bool{}
	for _, name := range tables {
		rows := map[string]bool{}
		if err = eachRow(c, name, func(row string) { rows[row] = true }); err != nil {
			break
		}
		made[name] = rows
	}
	return made, err
}

// eachRow calls f with each row of a table, as a text.
func eachRow(c *sqlite.Conn, table string, f func(row string)) error {
	return c.Query(func(s *sqlite.Stmt) error {
		var b strings.Builder
		for i := range s.Columns() {
			v := s.Value(i)
			fmt.Fprintf(&b, "%T %#v,", v, v)
		}
		f(b.String())
		return nil
	}, "SELECT * FROM main."+sqlite.Quote(table))
}
