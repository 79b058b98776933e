package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
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
	types   [4]int64 // how many values are stored as what; see typeNames
}

var typeNames = [4]string{"integer", "real", "text", "blob"}

func (c columnContent) values() int64 { return c.types[0] + c.types[1] + c.types[2] + c.types[3] }

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
	const packed, width = 1 << 31, 200 // two counts in one sum; columns in one pass
	for at := 0; at == 0 || at < len(t.columns); at += width {
		part := t.columns[at:min(at+width, len(t.columns))]
		sql := "SELECT count(*)"
		for _, col := range part {
			sql += fmt.Sprintf(`, sum(CASE typeof(%s) WHEN 'integer' THEN 1 WHEN 'real' THEN %d ELSE 0 END)`+
				`, sum(CASE typeof(%[1]s) WHEN 'text' THEN 1 WHEN 'blob' THEN %[2]d ELSE 0 END)`, sqlite.Quote(col.name), packed)
		}
		err := c.Query(func(s *sqlite.Stmt) error {
			t.rows = s.Int(0)
			for i := range part {
				n, m := s.Int(1+2*i), s.Int(2+2*i)
				part[i].types = [4]int64{n % packed, n / packed, m % packed, m / packed}
			}
			return nil
		}, sql+" FROM main."+sqlite.Quote(t.name))
		if err != nil {
			return err
		}
	}
	return nil
}
