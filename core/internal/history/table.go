// The tables of a database that have the names of ours, _meta and _meta_history. A name
// alone does not make a table ours: an application may have chosen it.

package history

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Table is a table or a view that has the name of one of ours.
type Table struct {
	Kind    string   // table, view or virtual table; "" if nothing has the name
	Columns []string // of a table, in lower case, without generated ones
	key     string   // the column that is an alias of the rowid; "" if there is none
}

// FindTable finds the table with the name of one of ours. It does not use [catalog.Find],
// for which SQLite compiles every view and connects every virtual table, since it runs
// each time a database is opened.
func FindTable(c *sqlite.Conn, name string) (t Table, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		if t.Kind = s.Text(0); t.Kind == "table" && s.Int(1) == 0 { // it has no pages of its own
			t.Kind = "virtual table"
		}
		return nil
	}, "SELECT type, rootpage FROM main.sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')", name)
	if err != nil || t.Kind != "table" {
		return t, err
	}
	columns, err := catalog.Columns(c, name)
	t.Columns = lower(catalog.Ordinary(columns))
	key := lower(catalog.PrimaryNames(columns))
	if err != nil || len(key) != 1 {
		return t, err
	}
	// A key that is not the rowid has an index (https://sqlite.org/lang_createtable.html#rowid).
	indexes, err := catalog.Indexes(c, name)
	if !slices.ContainsFunc(indexes, func(i catalog.Index) bool { return i.Primary }) {
		t.key = key[0]
	}
	return t, err
}

func lower(names []string) []string {
	for i, name := range names {
		names[i] = strings.ToLower(name)
	}
	return names
}

// Has reports whether the table has a column of that name, given in lower case.
func (t Table) Has(column string) bool { return slices.Contains(t.Columns, column) }

// Unlike says why the table is not ours, whose rowid is called key and which has at least
// these columns; "" if it may be ours.
func (t Table) Unlike(key string, columns ...string) string {
	switch missing := slices.IndexFunc(columns, func(c string) bool { return !t.Has(c) }); {
	case t.Kind != "table":
		return "it is a " + t.Kind
	case missing >= 0:
		return "it has the columns " + strings.Join(t.Columns, ", ") + ", and no " + columns[missing]
	case t.key != key:
		return "its column " + key + " is not INTEGER PRIMARY KEY"
	}
	return ""
}

// Theirs reports whether a table with the name of the history is an application's own: it
// has nothing of the shape of ours.
func (t Table) Theirs() bool {
	return t.Kind != "" && (t.Kind != "table" || !t.Has("sha256") && !t.Has("state"))
}

// WhyNone says why no history is kept in the database; "" if one is, or can be.
func (t Table) WhyNone() string {
	if !t.Theirs() {
		return ""
	}
	return t.NotHistory().Error()
}

// Triggers names the triggers on our tables, to be added to a message: ": there is the
// trigger t on _meta"; "" if there are none.
func Triggers(c *sqlite.Conn) string {
	names, err := c.Text(`SELECT group_concat(name || ' on ' || tbl_name, ', ') FROM main.sqlite_master
		WHERE type = 'trigger' AND tbl_name COLLATE NOCASE IN ('_meta', '_meta_history')`)
	if err != nil || names == "" {
		return ""
	}
	return ": there is the trigger " + names
}
