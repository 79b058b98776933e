package core

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// content is what a rehearsal compares of a database.
type content struct {
	version *int // nil: it has none
	schema  []schema.Object
	tables  map[string]*tableContent // by lower-case name
}

type tableContent struct {
	name, sql string
	root      int64 // page of the file; moves if the table is made anew
	rows      int64 // -1 if they cannot be read
	columns   []columnContent
}

type columnContent struct {
	name    string
	notNull bool
	types   loss.Types
}

func (c columnContent) values() int64 { return c.types.Values() }

// look looks at the copy; nil if it is not there or cannot be read. See
// contentOf.
func (c *copied) look(ctx context.Context, o Options, full bool, before *content, seen *observation) (*content, error) {
	o.Trial, o.Observer = nil, nil
	d := &database{name: c.name, path: c.path, o: o}
	conn, err := d.readOrRepair(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fault.ErrNotDatabase) || errors.Is(err, fault.ErrCorrupt) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return contentOf(d, conn, full, before, seen)
}

// contentOf reads what the database holds; if full, also as what its values are
// stored. Tables that were not touched by what was seen are as before.
func contentOf(d *database, c *sqlite.Conn, full bool, before *content, seen *observation) (*content, error) {
	now := &content{tables: map[string]*tableContent{}}
	v, err := d.versionIfAny(c)
	if err != nil {
		return nil, err
	}
	if v >= 0 {
		now.version = &v
	}
	if now.schema, err = objects(c); err != nil {
		return nil, d.diagnose(err)
	}
	for _, o := range now.schema {
		if o.Type != "table" {
			continue
		}
		t := &tableContent{name: o.Name, sql: o.SQL, rows: -1}
		now.tables[strings.ToLower(o.Name)] = t
		if t.root, err = c.Int("SELECT rootpage FROM main.sqlite_master WHERE type = 'table' AND name = ?", o.Name); err != nil {
			return nil, d.diagnose(err)
		}
		if old := before.unchanged(t, seen); old != nil {
			t.rows, t.columns = old.rows, old.columns
			continue
		}
		err := t.read(c, full)
		if err != nil && !catalog.Absent(err) { // else it needs what only its application has
			return nil, d.diagnose(err)
		}
	}
	return now, nil
}

// unchanged is what t was before the script, if it is sure to hold that still.
func (before *content) unchanged(t *tableContent, seen *observation) *tableContent {
	if before == nil || seen == nil || seen.everyRow {
		return nil
	}
	name := strings.ToLower(t.name)
	old := before.tables[name]
	switch {
	case old == nil, old.sql != t.sql, seen.touched[name], seen.changes(t.name) != changedRows{}:
		return nil
	case t.root == 0, strings.Contains(strings.ToUpper(t.sql), "WITHOUT"): // whose rows no hook sees
		return nil
	}
	return old
}

// read counts the rows, and if full what their columns hold, in one pass.
func (t *tableContent) read(c *sqlite.Conn, full bool) error {
	if full {
		columns, err := catalog.Columns(c, t.name)
		if err != nil {
			return err
		}
		alone := len(catalog.Primary(columns)) == 1
		for _, col := range columns {
			if col.Ordinary() {
				id := col.Key > 0 && alone && strings.EqualFold(col.Type, "integer")
				t.columns = append(t.columns, columnContent{name: col.Name, notNull: col.NotNull || id})
			}
		}
	}
	names := make([]string, len(t.columns))
	for i, col := range t.columns {
		names[i] = col.name
	}
	rows, types, err := loss.Count(c, t.name, names)
	if err != nil {
		return err
	}
	t.rows = rows
	for i, of := range types {
		t.columns[i].types = of
	}
	return nil
}
