package coretest

import (
	"fmt"
	"regexp"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// table is a table that rows are made for.
type table struct {
	name    string
	sql     string
	columns []column
	keys    []key
	id      int // column that is the rowid (https://sqlite.org/lang_createtable.html#rowid); -1: none
}

type column struct {
	name     string
	typ      string
	standard string // the default, as SQL
	notNull  bool
	primary  bool
}

// key is a foreign key.
type key struct {
	columns []int
	parent  string
	to      []string
}

// tables lists the tables that can be given rows, parents before their children.
func tables(c *sqlite.Conn) ([]*table, error) {
	var list []*table
	err := c.Query(func(s *sqlite.Stmt) error {
		list = append(list, &table{name: s.Text(0), sql: s.Text(1), id: -1})
		return nil
	}, `SELECT l.name, m.sql FROM pragma_table_list AS l JOIN main.sqlite_master AS m ON m.name = l.name AND m.type = 'table'
		WHERE l.schema = 'main' AND l.type = 'table' AND substr(l.name, 1, 7) <> 'sqlite_' AND l.name NOT IN ('_meta', '_meta_history')
		ORDER BY m.rowid`)
	if err != nil {
		return nil, err
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
	primary := 0
	err := c.Query(func(s *sqlite.Stmt) error {
		if s.Int(4) != 0 { // generated
			return nil
		}
		t.columns = append(t.columns, column{s.Text(0), s.Text(1), s.Text(2), s.Int(3) != 0, s.Int(5) != 0})
		if s.Int(5) != 0 {
			primary++
			if strings.EqualFold(s.Text(1), "INTEGER") {
				t.id = len(t.columns) - 1
			}
		}
		return nil
	}, `SELECT name, type, coalesce(dflt_value, ''), "notnull", hidden, pk FROM pragma_table_xinfo(?)`, t.name)
	if primary != 1 {
		t.id = -1
	}
	if err != nil {
		return err
	}
	ids := map[int64]int{}
	return c.Query(func(s *sqlite.Stmt) error {
		i, ok := ids[s.Int(0)]
		if !ok {
			i = len(t.keys)
			ids[s.Int(0)] = i
			t.keys = append(t.keys, key{parent: s.Text(1)})
		}
		k := &t.keys[i]
		for at, c := range t.columns {
			if strings.EqualFold(c.name, s.Text(2)) {
				k.columns = append(k.columns, at)
			}
		}
		if to := s.Text(3); to != "" {
			k.to = append(k.to, to)
		}
		return nil
	}, `SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq`, t.name)
}

// parents are the values that a foreign key can have.
func (k key) parents(c *sqlite.Conn) (rows [][]any) {
	to := k.to
	if to == nil { // the primary key
		c.Query(func(s *sqlite.Stmt) error { to = append(to, s.Text(0)); return nil },
			"SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", k.parent)
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

var words = regexp.MustCompile(`\w+`)

// word reports whether a text holds a name.
func word(text, name string) bool {
	if !words.MatchString(name) || words.FindString(name) != name {
		return strings.Contains(strings.ToLower(text), strings.ToLower(name))
	}
	for _, w := range words.FindAllString(text, -1) {
		if strings.EqualFold(w, name) {
			return true
		}
	}
	return false
}
