// Package catalog reads the schema of a database: its objects, and the shape of each
// table. It asks SQLite (https://sqlite.org/pragma.html#pragfunc) and reads no statement
// itself.
//
// Every function reads the schema main of a connection. A table that does not exist
// has no columns, keys or indexes, which is no error. The errors are those of SQLite.
package catalog

import (
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// Object is a table, index, view or trigger, as the schema table has it
// (https://sqlite.org/schematab.html).
type Object struct {
	Type  string // table, index, view or trigger
	Name  string
	Table string // the table it is about; a table or a view is about itself
	SQL   string // the statement that makes it
	Root  int64  // its first page in the file; 0 for a virtual table, a view, a trigger
}

// Objects lists what people created, in an order in which it can be made again: what a
// statement needs comes before it. Views and triggers come in the order of their
// creation, since SQLite lets them name what does not exist yet. What SQLite or a
// virtual table keeps for itself is left out.
func Objects(c *sqlite.Conn) (list []Object, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		list = append(list, Object{s.Text(0), s.Text(1), s.Text(2), s.Text(3), s.Int(4)})
		return nil
	}, `WITH shadow(name) AS MATERIALIZED (SELECT l.name FROM (SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND rootpage = 0 LIMIT 1)
			CROSS JOIN pragma_table_list l WHERE l.schema = 'main' AND l.type = 'shadow') -- which takes its time, and is nothing without a virtual table
		SELECT type, name, tbl_name, sql, rootpage FROM sqlite_master
		WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_'
			AND tbl_name NOT IN shadow
		ORDER BY CASE type WHEN 'table' THEN sql LIKE 'CREATE VIRTUAL%' WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid`)
	if err != nil {
		return nil, err
	}
	return withoutShadows(c, list)
}

// StoredTable is a table in the file.
type StoredTable struct {
	Name    string
	Virtual bool  // its rows are in other tables, or in none
	Root    int64 // its first page in the file; 0 for a virtual table
}

// StoredTables lists all tables in the order of their creation, including those that
// SQLite and virtual tables keep for themselves. It reads no statement of the schema
// and needs no module.
func StoredTables(c *sqlite.Conn) (list []StoredTable, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		list = append(list, StoredTable{s.Text(0), s.Int(1) == 0, s.Int(1)})
		return nil
	}, "SELECT name, rootpage FROM main.sqlite_schema WHERE type = 'table' ORDER BY rowid")
	return list, err
}

// Table is what SQLite makes of a table or a view.
type Table struct {
	Name         string // as it was created
	Kind         string // table, view, shadow or virtual
	WithoutRowid bool
	Strict       bool
}

// Find finds a table or a view by its name, in any case; ok if there is one.
func Find(c *sqlite.Conn, name string) (t Table, ok bool, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		t, ok = Table{s.Text(0), s.Text(1), s.Int(2) != 0, s.Int(3) != 0}, true
		return nil
	}, "SELECT name, type, wr, strict FROM pragma_table_list(?) WHERE schema = 'main'", name)
	return t, ok, err
}

// Column is one column of a table or a view.
type Column struct {
	Name      string
	Type      string // as it was declared; "" if it was not
	NotNull   bool
	Default   string // an expression; "" if there is none
	Key       int64  // its place in the primary key, from 1; 0 if it is not part of it
	Hidden    bool   // of a virtual table: SELECT * does not give it
	Generated bool
}

// Ordinary reports whether the column holds a value of its own that SELECT * gives.
func (c Column) Ordinary() bool { return !c.Hidden && !c.Generated }

// Columns lists the columns of a table or a view.
func Columns(c *sqlite.Conn, table string) (list []Column, err error) {
	return ColumnsOf(c, "main", table)
}

// ColumnsOf is Columns for another schema: an attached database.
func ColumnsOf(c *sqlite.Conn, schema, table string) (list []Column, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		hidden := s.Int(5)
		list = append(list, Column{s.Text(0), s.Text(1), s.Int(2) != 0, s.Text(3), s.Int(4), hidden == 1, hidden > 1})
		return nil
	}, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, ?)`, table, schema)
	return list, err
}

// OrdinaryNames returns the names of all ordinary columns of a schema, as main, by table,
// whose name is in lower case. Of a virtual table it knows none, since they may need its module. It runs
// one statement, however many tables there are.
func OrdinaryNames(c *sqlite.Conn, schema string) (map[string][]string, error) {
	columns := map[string][]string{}
	return columns, c.Query(func(s *sqlite.Stmt) error {
		table := strings.ToLower(s.Text(0)) // a virtual one has none
		columns[table] = append(columns[table], s.Text(1))
		return nil
	}, `SELECT m.name, i.name FROM `+sqlite.Quote(schema)+`.sqlite_master m
		LEFT JOIN pragma_table_info(CASE WHEN m.sql LIKE 'CREATE VIRTUAL%' THEN '' ELSE m.name END, ?) i
		WHERE m.type = 'table' ORDER BY m.rowid, i.cid`, schema)
}

// Names returns the names of the columns.
func Names(columns []Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

// Ordinary returns the names of the ordinary columns.
func Ordinary(columns []Column) (names []string) {
	for _, c := range columns {
		if c.Ordinary() {
			names = append(names, c.Name)
		}
	}
	return names
}

// Primary returns the places in columns of those of the primary key, in the order of the
// key; nil if there is none.
func Primary(columns []Column) (places []int) {
	for n := int64(1); ; n++ {
		found := false
		for i, c := range columns {
			if c.Key == n {
				places, found = append(places, i), true
			}
		}
		if !found {
			return places
		}
	}
}

// PrimaryNames returns the names of the columns of the primary key, in its order.
func PrimaryNames(columns []Column) (names []string) {
	for _, i := range Primary(columns) {
		names = append(names, columns[i].Name)
	}
	return names
}

// Rowid returns a name for the row number that none of the columns has
// (https://sqlite.org/lang_createtable.html#rowid); "" if they have taken all. Whether
// the table has rowids, [Table] says.
func Rowid(columns ...Column) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		taken := false
		for _, c := range columns {
			taken = taken || strings.EqualFold(c.Name, name)
		}
		if !taken {
			return name
		}
	}
	return ""
}

// ForeignKey is one of a table.
type ForeignKey struct {
	Columns            []string // of the table
	Parent             string   // as the statement has it
	To                 []string // columns of the parent; nil for its primary key
	OnUpdate, OnDelete string   // NO ACTION, RESTRICT, SET NULL, SET DEFAULT or CASCADE
}

// Acts reports whether the key changes rows of its table when the parent changes
// (https://sqlite.org/foreignkeys.html#fk_actions).
func (k ForeignKey) Acts() bool { return acts(k.OnUpdate) || acts(k.OnDelete) }

func acts(action string) bool { return action != "NO ACTION" && action != "RESTRICT" }

// ForeignKeys lists the foreign keys of a table: SQLite gives the last one first.
func ForeignKeys(c *sqlite.Conn, table string) (list []ForeignKey, err error) {
	last := int64(-1)
	err = c.Query(func(s *sqlite.Stmt) error {
		if id := s.Int(0); id != last {
			last = id
			list = append(list, ForeignKey{Parent: s.Text(1), OnUpdate: s.Text(4), OnDelete: s.Text(5)})
		}
		k := &list[len(list)-1]
		k.Columns = append(k.Columns, s.Text(2))
		if s.Value(3) != nil {
			k.To = append(k.To, s.Text(3))
		}
		return nil
	}, `SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(?, 'main') ORDER BY id, seq`, table)
	return list, err
}

// Child is a table with foreign keys.
type Child struct {
	Name    string
	Parents []string // of its keys, as the statement has them
}

// Children lists the tables that have foreign keys, by one statement.
func Children(c *sqlite.Conn) (list []Child, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		if name := s.Text(0); len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, Child{Name: name})
		}
		last := &list[len(list)-1]
		last.Parents = append(last.Parents, s.Text(1))
		return nil
	}, `SELECT m.name, f."table" FROM main.sqlite_master m JOIN pragma_foreign_key_list(m.name, 'main') f
		WHERE m.type = 'table' AND instr(upper(m.sql), 'REFERENCES') ORDER BY m.rowid`)
	return list, err
}

// Index is an index of a table.
type Index struct {
	Name    string
	Unique  bool
	Partial bool // it has a WHERE
	Primary bool // it is that of PRIMARY KEY
}

// Indexes lists the indexes of a table, also those of its constraints.
func Indexes(c *sqlite.Conn, table string) (list []Index, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		list = append(list, Index{s.Text(0), s.Int(1) != 0, s.Int(2) != 0, s.Text(3) == "pk"})
		return nil
	}, `SELECT name, "unique", partial, origin FROM pragma_index_list(?, 'main')`, table)
	return list, err
}

// IndexColumns returns the columns of an index, in its order; "" stands for an
// expression.
func IndexColumns(c *sqlite.Conn, index string) (names []string, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		names = append(names, s.Text(0))
		return nil
	}, "SELECT name FROM pragma_index_xinfo(?, 'main') WHERE key", index)
	return names, err
}
