// What a script does to tables, observed while it runs: by SQLite's authorizer and update
// hook and by reading the schema, never by the text of the script.

package loss

import (
	"maps"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// Trace records what one script did so far. A nil *Trace means a migration that was not
// watched, such as a program.
type Trace struct {
	// Blind says that it is unknown which tables the script touched, since it made the
	// schema table writable.
	Blind bool

	alters bool // the script may alter tables

	// Names are in lower case.
	c         *sqlite.Conn
	in        string               // the schema
	schema    bool                 // the statement changes the schema
	altered   string               // the table that it alters
	touched   map[string]bool      // tables that may hold other rows now
	dropped   map[string]bool      // tables, by their name before the script
	was       map[string]string    // name before the script of a table that it renamed
	now       map[string][]string  // columns of each table as they are now
	first     map[string][]string  // as they were before the script
	columnWas map[[2]string]string // name before the script of a column, by table and name
	rows      map[string]*Changes  // by the table's name now, in its own case
	at        int                  // the statement that runs
	last      row                  // that was counted
	places    map[string][]Place   // by the table's name now, or the last that it had
}

// Place is a statement that does something to a table.
type Place struct {
	At   int // a byte of the script, where it begins with what is before it; -1 if it stands in none
	Code int // what it does, as SQLite's authorizer and update hook have it
}

// Changes counts the rows that were changed, in three ways.
type Changes struct{ Inserted, Updated, Deleted int64 }

// row is the table of a row, in its own case, and what was done to it.
type row struct {
	table string
	Place
}

// NewTrace begins to watch a script that is about to run on a connection, by its text; nil if
// it is no script. The caller, who runs it, calls [Trace.Begin], [Trace.Touch], [Trace.Row] and
// [Trace.After].
func NewTrace(c *sqlite.Conn, text []byte) *Trace { return NewTraceOf(c, "main", text) }

// NewTraceOf is [NewTrace] for the database that is attached by the name of a schema.
func NewTraceOf(c *sqlite.Conn, schema string, text []byte) *Trace {
	t := &Trace{c: c, in: schema, touched: map[string]bool{}, dropped: map[string]bool{}, was: map[string]string{}, columnWas: map[[2]string]string{}, rows: map[string]*Changes{}, places: map[string][]Place{}, at: -1}
	if t.alters = text == nil || len(text) > 1<<20 || alter.MatchString(string(text)); t.alters { // else no name changes
		t.first, _ = catalog.OrdinaryNames(c, schema) // without them, renamed ones count as new
		t.now = t.first
	}
	return t
}

// alter matches what only ALTER TABLE needs.
var alter = regex.New(`(?i)\bALTER\b`)

// Begin takes the place of the statement that is about to run: see [Place].
func (t *Trace) Begin(at int) { t.at = at }

// Places are the statements that did something to the table which has the name now, or had
// it when it was dropped, in their order; nil if t is nil.
func (t *Trace) Places(table string) []Place {
	if t == nil {
		return nil
	}
	return t.places[strings.ToLower(table)]
}

// note keeps what the statement that runs does to a table.
func (t *Trace) note(table string, code int) {
	list, p := t.places[table], Place{t.at, code}
	if n := len(list); n == 0 || list[n-1] != p {
		t.places[table] = append(list, p)
	}
}

// Row counts a changed row. The code is that of SQLite's update hook.
func (t *Trace) Row(code int, table string) {
	n := t.rows[table]
	if n == nil {
		n = &Changes{}
		t.rows[table] = n
	}
	if r := (row{table, Place{t.at, code}}); r != t.last { // one of many
		t.last = r
		t.note(strings.ToLower(table), code)
	}
	switch code {
	case sqlite.ActInsert:
		n.Inserted++
	case sqlite.ActUpdate:
		n.Updated++
	case sqlite.ActDelete:
		n.Deleted++
	}
}

// Touch records what a statement does to a table. The code is that of SQLite's authorizer.
func (t *Trace) Touch(table string, code int) {
	table = strings.ToLower(table)
	t.note(table, code)
	if code == sqlite.ActCreateIndex { // the rows stay
		return
	}
	t.touched[table] = true
	switch code {
	case sqlite.ActAlterTable:
		t.schema, t.altered = true, table
	case sqlite.ActCreateTable:
		t.schema = true
	case sqlite.ActDropTable:
		t.schema = true
		t.dropped[strings.ToLower(t.origin(table))] = true
		delete(t.was, table)
		for name := range t.rows {
			if strings.EqualFold(name, table) {
				delete(t.rows, name)
			}
		}
	}
}

// origin is the name that a table had before the script.
func (t *Trace) origin(table string) string {
	if was := t.was[strings.ToLower(table)]; was != "" {
		return was
	}
	return table
}

// After reads, after a statement, what it did to the schema: a table or column that ALTER
// TABLE renames keeps its rows.
func (t *Trace) After() {
	if !t.schema || !t.alters {
		return
	}
	t.schema = false
	now, err := catalog.OrdinaryNames(t.c, t.in)
	if err != nil {
		return
	}
	table, before := t.altered, t.now
	t.altered, t.now = "", now
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
				if first := t.columnWas[key]; first != "" {
					old = first
					delete(t.columnWas, key)
				}
				t.columnWas[[2]string{table, strings.ToLower(name)}] = old
			}
		}
		return
	}
	// With a virtual table, those in which it keeps its rows are renamed.
	gone, made := missingIn(before, now), missingIn(now, before)
	if len(gone) == len(made) {
		for i := range gone {
			t.rename(gone[i], made[i])
		}
	}
}

// missingIn returns the tables of a that are absent from b.
func missingIn(a, b map[string][]string) (names []string) {
	for name := range a {
		if _, ok := b[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (t *Trace) rename(from, to string) {
	was := t.origin(from)
	delete(t.was, from)
	if _, ok := t.first[strings.ToLower(was)]; ok && !t.dropped[strings.ToLower(was)] {
		t.was[to] = was
	}
	t.touched[to] = true
	t.places[to] = append(t.places[to], t.places[from]...)
	slices.SortStableFunc(t.places[to], func(a, b Place) int { return a.At - b.At })
	delete(t.places, from)
	for key, old := range t.columnWas {
		if key[0] == from {
			delete(t.columnWas, key)
			t.columnWas[[2]string{to, key[1]}] = old
		}
	}
	for name, n := range t.rows {
		if strings.EqualFold(name, from) {
			delete(t.rows, name)
			t.rows[to] = n
		}
	}
}

// drops reports whether the script dropped the table that had the name before it.
func (t *Trace) drops(table string) bool { return t != nil && t.dropped[strings.ToLower(table)] }

// changes are those of the table that has the name now.
func (t *Trace) changes(table string) (sum Changes) {
	if t == nil {
		return sum
	}
	for name, n := range t.rows {
		if strings.EqualFold(name, table) {
			sum.Inserted, sum.Updated, sum.Deleted = sum.Inserted+n.Inserted, sum.Updated+n.Updated, sum.Deleted+n.Deleted
		}
	}
	return sum
}

// columnBefore is the name before the script of the column of a table that both have
// these names now.
func (t *Trace) columnBefore(table, column string) string {
	if t != nil {
		if was := t.columnWas[[2]string{strings.ToLower(table), strings.ToLower(column)}]; was != "" {
			return was
		}
	}
	return column
}

// spares reports whether the script is sure to have left the rows of a table alone.
func (t *Trace) spares(table string) bool {
	return t != nil && !t.Blind && !t.touched[strings.ToLower(table)] && t.changes(table) == Changes{}
}

// Touched lists the tables whose rows or definition may differ from those before the script,
// by their names after it, in lower case. Not known: no one watched it, or it may have
// touched all.
func (t *Trace) Touched() (names []string, known bool) {
	if t == nil || t.Blind {
		return nil, false
	}
	touched := maps.Clone(t.touched)
	for name := range t.rows {
		touched[strings.ToLower(name)] = true
	}
	return slices.Sorted(maps.Keys(touched)), true
}

// Dropped lists the tables that the script dropped, or of which it dropped an index, by their
// names before it, in lower case. Not known: as of [Trace.Touched].
func (t *Trace) Dropped() (names []string, known bool) {
	if t == nil || t.Blind {
		return nil, false
	}
	dropped := maps.Clone(t.dropped)
	for table, places := range t.places {
		if slices.ContainsFunc(places, func(p Place) bool { return p.Code == sqlite.ActDropIndex }) {
			dropped[strings.ToLower(t.origin(table))] = true
		}
	}
	return slices.Sorted(maps.Keys(dropped)), true
}
