// The tables of a database that have the names of ours, _meta and _meta_history. A name
// alone does not make a table ours: an application may have chosen it.

package history

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// Table is a table or a view that has the name of one of ours.
type Table struct {
	Kind    string   // table, view or virtual table; "" if nothing has the name
	Columns []string // of a table, in lower case, without generated ones
	key     string   // the column that is an alias of the rowid; "" if there is none
}

// FindTable finds the table with the name of one of ours.
func FindTable(c *sqlite.Conn, name string) (Table, error) {
	tables, err := find(c, name, name)
	return tables[0], err
}

// FindTables finds the tables with the names of ours.
func FindTables(c *sqlite.Conn) (meta, records Table, err error) {
	tables, err := find(c, "_meta", "_meta_history")
	return tables[0], tables[1], err
}

// find finds the tables of two names by one statement, since it runs each time a database
// is opened. It does not use [catalog.Find], for which SQLite compiles every view and
// connects every virtual table.
func find(c *sqlite.Conn, names ...any) (tables [2]Table, err error) {
	keys := [2]int{}
	err = c.Query(func(s *sqlite.Stmt) error {
		i := 0
		if !strings.EqualFold(s.Text(0), names[0].(string)) {
			i = 1
		}
		t := &tables[i]
		if t.Kind = s.Text(1); t.Kind == "table" && s.Int(2) == 0 { // it has no pages of its own
			t.Kind = "virtual table"
		}
		if t.Kind != "table" {
			return nil
		}
		column := strings.ToLower(s.Text(3))
		if s.Int(4) == 0 {
			t.Columns = append(t.Columns, column)
		}
		// A key that is not the rowid has an index (https://sqlite.org/lang_createtable.html#rowid).
		if s.Int(5) > 0 {
			keys[i]++
			if t.key = column; keys[i] > 1 || s.Int(6) != 0 {
				t.key = ""
			}
		}
		return nil
	}, `SELECT m.name, m.type, m.rootpage, x.name, x.hidden, x.pk,
			CASE x.pk WHEN 1 THEN EXISTS (SELECT 1 FROM pragma_index_list(m.name, 'main') WHERE origin = 'pk') END
		FROM main.sqlite_master m
		LEFT JOIN pragma_table_xinfo(iif(m.type = 'table' AND m.rootpage <> 0, m.name, ''), 'main') x
		WHERE m.type IN ('table', 'view') AND m.name COLLATE NOCASE IN (?, ?)`, names...)
	return tables, err
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
