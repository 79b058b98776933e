package coretest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
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

// quote is a name in SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

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
		names = append(names, quote(name))
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
	}, fmt.Sprintf("SELECT DISTINCT %s FROM main.%s ORDER BY %[1]s LIMIT 100", strings.Join(names, ", "), quote(k.parent)))
	return rows
}

// attempts is how often a row is changed until the constraints of its table let it
// in.
const attempts = 400

// fill gives every table of the database rows that its constraints permit: one
// without NULL, one with all the NULLs that there can be and, if the table is new
// or has changed, two that differ only where they must, and more. The same schema
// at the same version is given the same rows. It tells which tables were left
// without.
func (k *checker) fill(ctx context.Context, version int) (notes []string, err error) {
	c, err := sqlite.Open(ctx, k.full, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if k.filled == nil {
		k.filled = map[string]string{}
	}
	if err := c.Exec("PRAGMA synchronous = OFF"); err != nil {
		return nil, err
	}
	c.SetForeignKeys(true)
	list, err := tables(c)
	if err != nil {
		return nil, err
	}
	for range 2 { // of tables that reference each other, one comes too early
		var left []*table
		notes = nil
		for _, t := range list {
			n := k.Rows
			if k.filled[t.name] == t.sql {
				n = min(n, 2)
			}
			made, why := t.fill(c, version, n)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if made == 0 && why != nil {
				left = append(left, t)
				notes = append(notes, fmt.Sprintf("no rows for table %s: %v", t.name, why))
			} else {
				k.filled[t.name] = t.sql
			}
		}
		list = left
	}
	return notes, nil
}

// fill makes rows for one table, in one transaction.
func (t *table) fill(c *sqlite.Conn, version, n int) (made int, err error) {
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	defer func() {
		if e := c.Exec("COMMIT"); e != nil {
			c.Exec("ROLLBACK")
			made, err = 0, e
		}
	}()
	sum := fnv.New64a()
	sum.Write([]byte(strings.ToLower(t.name)))
	g := &generator{table: t, r: rand.New(rand.NewPCG(sum.Sum64(), uint64(version)))}
	// Numbers of their own for each table and version, far from those that a
	// migration might give its first rows.
	g.first = int64(1+sum.Sum64()%900)*1_000_000 + int64(version)*1000
	var names, marks []string
	for _, col := range t.columns {
		names, marks = append(names, quote(col.name)), append(marks, "?")
		k := kind(col)
		p := pool{usual[k], literals(col.standard, k)}
		for _, expr := range checks(t.sql) {
			if word(expr, col.name) {
				p.literal = append(p.literal, literals(expr, k)...)
			}
		}
		g.pools = append(g.pools, p)
	}
	for _, k := range t.keys {
		g.parents = append(g.parents, k.parents(c))
	}
	s, err := c.Prepare(fmt.Sprintf("INSERT INTO main.%s (%s) VALUES (%s)", quote(t.name), strings.Join(names, ", "), strings.Join(marks, ", ")))
	if err != nil {
		return 0, err
	}
	defer s.Close()
	for i := range n {
		row, e := g.insert(s, i)
		if e != nil {
			if err = e; c.Autocommit() { // a trigger has rolled back
				return 0, err
			}
			continue
		}
		g.rows = append(g.rows, row)
		made++
		for i, k := range t.keys { // the next may have this one for a parent
			if strings.EqualFold(k.parent, t.name) {
				g.parents[i] = k.parents(c)
			}
		}
	}
	return made, err
}

// generator makes the rows of one table.
type generator struct {
	*table
	r       *rand.Rand
	first   int64
	tries   int
	pools   []pool
	parents [][][]any // by foreign key
	rows    [][]any
}

// insert changes a row until it can be inserted: after each attempt, the columns
// that the message names.
func (g *generator) insert(s *sqlite.Stmt, i int) ([]any, error) {
	var row []any
	if i == 3 && len(g.rows) > 2 { // as the one before it, as far as it may
		row = slices.Clone(g.rows[len(g.rows)-1])
		if g.id >= 0 {
			row[g.id] = g.first + int64(i)
		}
	} else {
		row = make([]any, len(g.columns))
		for at := range row {
			g.draw(row, at, i, 0)
		}
		for at, col := range g.columns {
			if !col.notNull && !col.primary && (i == 1 || i > 3 && (i+at)%4 == 0) {
				row[at] = nil
			}
		}
	}
	var err error
	for try := 1; try <= attempts; try++ {
		g.tries++
		if err = s.Bind(row...); err == nil {
			_, err = s.Step()
		}
		s.Reset()
		var e *sqlite.Error
		if err == nil || !errors.As(err, &e) {
			return row, err
		}
		named := 0
		for at, col := range g.columns {
			if word(e.Msg, col.name) {
				named++
				g.draw(row, at, i, try)
			}
		}
		if named == 0 {
			for at := range row {
				g.draw(row, at, i, try)
			}
		}
	}
	return nil, err
}

// draw draws a column anew; one of a foreign key with the others of that key.
func (g *generator) draw(row []any, at, i, try int) {
	switch {
	case at == g.id:
		row[at] = g.first + int64(i)
	case try == 0 && (i == 0 || i == 2): // what every table should have
		row[at] = g.pools[at].usual[i/2]
	default:
		row[at] = g.pools[at].draw(g.r, g.tries, try > 60)
	}
	for n, k := range g.keys {
		if !slices.Contains(k.columns, at) {
			continue
		}
		if len(g.parents[n]) > 0 {
			parent := g.parents[n][g.r.IntN(len(g.parents[n]))]
			for j, c := range k.columns {
				row[c] = parent[j]
			}
			continue
		}
		for _, c := range k.columns {
			switch {
			case !g.columns[c].notNull:
				row[c] = nil
			case strings.EqualFold(k.parent, g.name) && g.id >= 0: // its own parent
				row[c] = g.first + int64(i)
			}
		}
	}
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
