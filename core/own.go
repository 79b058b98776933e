// The two tables that are ours, _meta and _meta_history, as a database has them.
// A name alone does not make a table ours: an application may have taken it.

package core

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// own is what has the name of one of our tables.
type own struct {
	kind    string   // table, view or virtual table; "" if nothing has the name
	columns []string // of a table, in lower case, without generated ones
	key     string   // the column that is another name of its rowid; "" if none is
}

// findOwn asks the schema for one of our tables.
func findOwn(c *sqlite.Conn, name string) (t own, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		if t.kind = s.Text(0); t.kind == "table" && s.Int(1) == 0 { // it has no pages of its own
			t.kind = "virtual table"
		}
		return nil
	}, "SELECT type, rootpage FROM main.sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')", name)
	if err != nil || t.kind != "table" {
		return t, err
	}
	keys, key := 0, ""
	err = c.Query(func(s *sqlite.Stmt) error {
		t.columns = append(t.columns, s.Text(0))
		if s.Int(1) > 0 {
			keys, key = keys+1, s.Text(0)
		}
		return nil
	}, "SELECT lower(name), pk FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0", name)
	if err != nil || keys != 1 {
		return t, err
	}
	// A key that is no rowid has an index (https://sqlite.org/lang_createtable.html#rowid).
	apart, err := c.Int("SELECT count(*) FROM pragma_index_list(?, 'main') WHERE origin = 'pk'", name)
	if apart == 0 {
		t.key = key
	}
	return t, err
}

func (t own) has(column string) bool { return slices.Contains(t.columns, column) }

// unlike says why the table is not one that we made, with these columns and
// perhaps more; "" if it may be.
func (t own) unlike(key string, columns ...string) string {
	switch missing := slices.IndexFunc(columns, func(c string) bool { return !t.has(c) }); {
	case t.kind != "table":
		return "it is a " + t.kind
	case missing >= 0:
		return "it has the columns " + strings.Join(t.columns, ", ") + ", and no " + columns[missing]
	case t.key != key:
		return "its column " + key + " is not INTEGER PRIMARY KEY"
	}
	return ""
}

// theirs reports a history that an application has made for itself: it has the name
// of ours, and nothing of its shape.
func (t own) theirs() bool {
	return t.kind != "" && (t.kind != "table" || !t.has("sha256") && !t.has("state"))
}

// said says why no history is kept; "" if one is, or can be.
func (t own) said() string {
	if !t.theirs() {
		return ""
	}
	return t.notHistory().Error()
}

// triggers names those on our tables, to say why what was written did not stay;
// "" if there are none.
func triggers(c *sqlite.Conn) string {
	names, err := c.Text(`SELECT group_concat(name || ' on ' || tbl_name, ', ') FROM main.sqlite_master
		WHERE type = 'trigger' AND tbl_name COLLATE NOCASE IN ('_meta', '_meta_history')`)
	if err != nil || names == "" {
		return ""
	}
	return ": there is the trigger " + names
}
