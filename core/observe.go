// What a .sql migration does, seen while a rehearsal runs it: by SQLite's
// authorizer and update hook and by looks at the schema, never by its text.

package core

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// observation is what one script did so far. Names are in lower case.
type observation struct {
	r         *Rehearsal
	c         *sqlite.Conn
	d         *db
	schema    bool                    // the statement changes the schema
	altered   string                  // the table that it alters
	touched   map[string]bool         // tables that may hold other rows now
	dropped   map[string]bool         // tables, by their name before the script
	was       map[string]string       // name before the script of a table that it renamed
	columns   map[string][]string     // of each table as they are now
	first     map[string][]string     // as they were before the script
	columnWas map[[2]string]string    // name before the script of a column, by table and name
	rows      map[string]*changedRows // by the table's name now, in its own case
	everyRow  bool                    // it made the schema table writable: what it touched is not known

	content *content // right after the script, where the transaction goes on
}

// changedRows counts the rows that were changed, in three ways.
type changedRows struct{ inserted, updated, deleted int64 }

// Script begins to watch a script.
func (r observer) Script(c *sqlite.Conn, t Target, s *plan.Script) Witness {
	o := &observation{
		r: r.Rehearsal, c: c, d: databaseOf(t),
		touched: map[string]bool{}, dropped: map[string]bool{}, was: map[string]string{},
		columnWas: map[[2]string]string{}, rows: map[string]*changedRows{}, everyRow: s.Schema,
	}
	o.first, _ = catalog.OrdinaryNames(c) // without them, renamed ones count as new
	o.columns = o.first
	return o
}

// Row counts a row that was changed.
func (o *observation) Row(code int, table string) {
	n := o.rows[table]
	if n == nil {
		n = &changedRows{}
		o.rows[table] = n
	}
	switch code {
	case sqlite.ActInsert:
		n.inserted++
	case sqlite.ActUpdate:
		n.updated++
	case sqlite.ActDelete:
		n.deleted++
	}
}

// Touch notes what the authorizer saw a statement do to a table.
func (o *observation) Touch(table string, code int) {
	table = strings.ToLower(table)
	o.touched[table] = true
	switch code {
	case sqlite.ActAlterTable:
		o.schema, o.altered = true, table
	case sqlite.ActCreateTable:
		o.schema = true
	case sqlite.ActDropTable:
		o.schema = true
		o.dropped[strings.ToLower(o.origin(table))] = true
		delete(o.was, table)
		for name := range o.rows {
			if strings.EqualFold(name, table) {
				delete(o.rows, name)
			}
		}
	}
}

// origin is the name that a table had before the script.
func (o *observation) origin(table string) string {
	if was := o.was[strings.ToLower(table)]; was != "" {
		return was
	}
	return table
}

// After looks at what a statement did to the schema: ALTER TABLE keeps the rows of
// what it renames.
func (o *observation) After() {
	if !o.schema {
		return
	}
	o.schema = false
	now, err := catalog.OrdinaryNames(o.c)
	if err != nil {
		return
	}
	table, before := o.altered, o.columns
	o.altered, o.columns = "", now
	if table == "" {
		return
	}
	if columns, ok := now[table]; ok {
		if len(columns) != len(before[table]) {
			return
		}
		for i, name := range columns {
			if old := before[table][i]; old != name {
				key := [2]string{table, strings.ToLower(old)}
				if first := o.columnWas[key]; first != "" {
					old = first
					delete(o.columnWas, key)
				}
				o.columnWas[[2]string{table, strings.ToLower(name)}] = old
			}
		}
		return
	}
	// A virtual table takes those along in which it keeps its rows.
	gone, made := missingIn(before, now), missingIn(now, before)
	if len(gone) == len(made) {
		for i := range gone {
			o.rename(gone[i], made[i])
		}
	}
}

// missingIn lists the tables of a that b has not.
func missingIn(a, b map[string][]string) (names []string) {
	for name := range a {
		if _, ok := b[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (o *observation) rename(from, to string) {
	was := o.origin(from)
	delete(o.was, from)
	if _, ok := o.first[strings.ToLower(was)]; ok && !o.dropped[strings.ToLower(was)] {
		o.was[to] = was
	}
	o.touched[to] = true
	for key, old := range o.columnWas {
		if key[0] == from {
			delete(o.columnWas, key)
			o.columnWas[[2]string{to, key[1]}] = old
		}
	}
	for name, n := range o.rows {
		if strings.EqualFold(name, from) {
			delete(o.rows, name)
			o.rows[to] = n
		}
	}
}

// changes are those of the table that has the name now.
func (o *observation) changes(table string) (sum changedRows) {
	for name, n := range o.rows {
		if strings.EqualFold(name, table) {
			sum.inserted, sum.updated, sum.deleted = sum.inserted+n.inserted, sum.updated+n.updated, sum.deleted+n.deleted
		}
	}
	return sum
}

// BeforeCommit measures the disk where it is used most: the journal is there, and
// the file about to grow.
func (o *observation) BeforeCommit() error {
	pages, err := o.c.Int("PRAGMA page_count")
	if err != nil {
		return err
	}
	size, err := o.c.Int("PRAGMA page_size")
	if err != nil {
		return err
	}
	var now int64
	if info, err := os.Stat(o.d.path); err == nil {
		now = info.Size()
	}
	o.r.measure(o.d.path, max(0, pages*size-now))
	return nil
}

// End looks at what the tables hold: once all scripts are committed, what this one did
// cannot be told any more.
func (o *observation) End() (err error) {
	o.content, err = contentOf(o.d, o.c, true, nil, nil)
	return err
}

// usage is the size of all files in a directory.
func usage(dir string) (sum int64) {
	filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil // what goes away meanwhile is not there
	})
	return sum
}
