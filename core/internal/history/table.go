// The two tables that are ours, _meta and _meta_history, as a database has them.
// A name alone does not make a table ours: an application may have taken it.

package history

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Table is what has the name of one of our tables.
type Table struct {
	Kind    string   // table, view or virtual table; "" if nothing has the name
	Columns []string // of a table, in lower case, without generated ones
	key     string   // the column that is another name of its rowid; "" if none is
}

// FindTable asks the schema for one of our tables. It does not use [catalog.Find], for
// which SQLite compiles every view and connects every virtual table, at each opening of
// a database.
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
	// A key that is no rowid has an index (https://sqlite.org/lang_createtable.html#rowid).
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

func (t Table) Has(column string) bool { return slices.Contains(t.Columns, column) }

// Unlike says why the table is not one that we made, with these columns and
// perhaps more; "" if it may be.
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

// Theirs reports a history that an application has made for itself: it has the name
// of ours, and nothing of its shape.
func (t Table) Theirs() bool {
	return t.Kind != "" && (t.Kind != "table" || !t.Has("sha256") && !t.Has("state"))
}

// WhyNone says why no history is kept; "" if one is, or can be.
func (t Table) WhyNone() string {
	if !t.Theirs() {
		return ""
	}
	return t.NotHistory().Error()
}

// Triggers names those on our tables, to say why what was written did not stay;
// "" if there are none.
func Triggers(c *sqlite.Conn) string {
	names, err := c.Text(`SELECT group_concat(name || ' on ' || tbl_name, ', ') FROM main.sqlite_master
		WHERE type = 'trigger' AND tbl_name COLLATE NOCASE IN ('_meta', '_meta_history')`)
	if err != nil || names == "" {
		return ""
	}
	return ": there is the trigger " + names
}
