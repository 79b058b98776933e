package coretest

import (
	"fmt"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// table is a table that rows are made for.
type table struct {
	name    string
	sql     string
	columns []catalog.Column // those that can be given a value
	keys    []key
	id      int // column that is the rowid (https://sqlite.org/lang_createtable.html#rowid); -1: none
}

// key is a foreign key.
type key struct {
	columns []int
	parent  string
	to      []string
}

// tables lists the tables that can be given rows, parents before their children, as far as they
// are wanted, by name and SQL.
func tables(c *sqlite.Conn, wanted func(name, sql string) bool) ([]*table, error) {
	objects, err := catalog.Objects(c)
	if err != nil {
		return nil, err
	}
	var list []*table
	for _, o := range objects {
		if o.Type == "table" && o.Root != 0 && o.Name != "_meta" && o.Name != "_meta_history" && wanted(o.Name, o.SQL) {
			list = append(list, &table{name: o.Name, sql: o.SQL, id: -1})
		}
	}
	byName := map[string]*table{}
	for _, t := range list {
		byName[strings.ToLower(t.name)] = t
		if err := t.read(c); err != nil {
			return nil, err
		}
	}
	var sorted []*table
	seen := map[*table]bool{}
	var visit func(*table)
	visit = func(t *table) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		for _, k := range t.keys {
			visit(byName[strings.ToLower(k.parent)])
		}
		sorted = append(sorted, t)
	}
	for _, t := range list {
		visit(t)
	}
	return sorted, nil
}

func (t *table) read(c *sqlite.Conn) error {
	columns, err := catalog.Columns(c, t.name)
	if err != nil {
		return err
	}
	for _, col := range columns {
		if col.Ordinary() {
			t.columns = append(t.columns, col)
		}
	}
	if primary := catalog.Primary(t.columns); len(primary) == 1 && strings.EqualFold(t.columns[primary[0]].Type, "INTEGER") {
		t.id = primary[0]
	}
	keys, err := catalog.ForeignKeys(c, t.name)
	for _, k := range keys {
		own := key{parent: k.Parent, to: k.To}
		for _, name := range k.Columns {
			for at, c := range t.columns {
				if strings.EqualFold(c.Name, name) {
					own.columns = append(own.columns, at)
				}
			}
		}
		t.keys = append(t.keys, own)
	}
	return err
}

// parents are the values that a foreign key can have.
func (k key) parents(c *sqlite.Conn) (rows [][]any) {
	to := k.to
	if to == nil { // the primary key
		columns, _ := catalog.Columns(c, k.parent)
		to = catalog.PrimaryNames(columns)
	}
	if len(to) != len(k.columns) || len(to) == 0 {
		return nil
	}
	var names []string
	for _, name := range to {
		names = append(names, sqlite.Quote(name))
	}
	c.Query(func(s *sqlite.Stmt) error { // one that is broken is found by others
		row := make([]any, len(names))
		for i := range row {
			if row[i] = s.Value(i); row[i] == nil {
				return nil
			}
		}
		rows = append(rows, row)
		return nil
	}, fmt.Sprintf("SELECT DISTINCT %s FROM main.%s ORDER BY %[1]s LIMIT 100", strings.Join(names, ", "), sqlite.Quote(k.parent)))
	return rows
}

var words = regex.New(`\w+`)

// word reports whether a text holds a name.
func word(text, name string) bool {
	if !words.MatchString(name) || words.Regexp().FindString(name) != name {
		return strings.Contains(strings.ToLower(text), strings.ToLower(name))
	}
	for _, w := range words.Regexp().FindAllString(text, -1) {
		if strings.EqualFold(w, name) {
			return true
		}
	}
	return false
}
