package coretest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// attempts is how often a row is changed before the constraints of its table are taken to
// permit none.
const attempts = 400

// fill returns the tables of the database rows that their constraints permit: each that is new
// or has changed, has none so far, or was touched by the migration that was seen; if seen is
// nil, all. It gives one without NULL, one with all the NULLs that there can be and, if the table
// is new or has changed, two that differ only where they must, and more. The same schema
// at the same version is given the same rows. The notes name tables that have none,
// each once.
func (k *checker) fill(ctx context.Context, c *sqlite.Conn, version int, seen *loss.Trace) (notes []string, err error) {
	if k.filled == nil {
		k.filled = map[string]string{}
	}
	if err := c.Exec("PRAGMA synchronous = OFF"); err != nil {
		return nil, err
	}
	c.SetForeignKeys(true)
	defer c.SetForeignKeys(false)
	touched, known := seen.Touched()
	list, err := tables(c, func(name, sql string) bool {
		_, found := slices.BinarySearch(touched, strings.ToLower(name))
		return !known || found || k.filled[name] != sql
	})
	if err != nil {
		return nil, err
	}
	written := map[string]bool{}
	c.SetUpdateHook(func(_ int, _, table string, _ int64) { written[strings.ToLower(table)] = true })
	defer func() {
		c.SetUpdateHook(nil)
		err = cmp.Or(err, k.recount(c, written))
	}()
	for range 2 { // of tables that reference each other, one comes too early
		var left []*table
		notes = nil
		for _, t := range list {
			n := k.Rows
			if k.filled[t.name] == t.sql {
				n = min(n, 2)
			}
			made, why := fillTable(t, c, version, n)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if made == 0 && why != nil {
				left = append(left, t)
				if !k.noted[t.name] && t.empty(c) {
					notes = append(notes, fmt.Sprintf("no rows for table %s: %v", t.name, why))
				}
			} else {
				k.filled[t.name] = t.sql
			}
		}
		list = left
	}
	for _, t := range list {
		k.noted[t.name] = true
	}
	return notes, nil
}

// recount counts again, in the state that is known, the tables to which rows were written. Of
// one without rowids, no one knows.
func (k *checker) recount(c *sqlite.Conn, written map[string]bool) error {
	if k.state == nil {
		return nil
	}
	for name, t := range k.state.Tables {
		t.Columns = nil
		if t.Rows >= 0 && (written[name] || strings.Contains(strings.ToUpper(t.SQL), "WITHOUT")) {
			if err := countRows(t, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// empty reports whether the table has no row, from an earlier version either.
func (t *table) empty(c *sqlite.Conn) bool {
	n, err := c.Int("SELECT count(*) FROM (SELECT 1 FROM main." + sqlite.Quote(t.name) + " LIMIT 1)")
	return err == nil && n == 0
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
		names, marks = append(names, sqlite.Quote(col.Name)), append(marks, "?")
		k := kind(col)
		p := pool{usual: usual[k], literal: literals(col.Default, k)}
		if col.Default != "" { // an expression, or none that can be computed
			c.Query(func(s *sqlite.Stmt) error { p.fallback = s.Value(0); return nil }, "SELECT "+col.Default)
		}
		for _, expr := range checks(t.sql) {
			if word(expr, col.Name) {
				p.literal = append(p.literal, literals(expr, k)...)
			}
		}
		g.pools = append(g.pools, p)
	}
	if err := g.readTaken(c, names); err != nil {
		return 0, err
	}
	for _, k := range t.keys {
		g.parents = append(g.parents, k.parents(c))
	}
	s, err := c.Prepare(fmt.Sprintf("INSERT INTO main.%s (%s) VALUES (%s)", sqlite.Quote(t.name), strings.Join(names, ", "), strings.Join(marks, ", ")))
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
		g.take(row)
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
	taken   []map[string]bool // by column, the values that rows have
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
			if !col.NotNull && col.Key == 0 && (i == 1 || i > 3 && (i+at)%4 == 0) {
				row[at] = nil
			}
		}
	}
	var err error
	drawn := make([]int, len(g.columns)) // again, by column
	for range attempts {
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
			if word(e.Msg, col.Name) {
				named++
				drawn[at]++
				g.draw(row, at, i, drawn[at])
			}
		}
		if named == 0 {
			for at := range row {
				drawn[at]++
				g.draw(row, at, i, drawn[at])
			}
		}
	}
	return nil, err
}

// draw draws a value for a column; for one of a foreign key, with the others of that key. It
// is another than the default, than those of other rows, and than those of other columns,
// unless the constraints of the table seem to permit no such value. Try is how often this row
// was drawn one for it before.
func (g *generator) draw(row []any, at, i, try int) {
	p := &g.pools[at]
	switch {
	case at == g.id:
		row[at] = g.first + int64(i)
	case try == 0 && i == 0: // what every table should have
		row[at] = g.best(row, at, len(p.usual), func(n int) any { return p.usual[n] })
	case try == 0 && i == 2:
		row[at] = g.best(row, at, len(p.usual), func(n int) any { return p.second(n) })
	case try <= 3 || len(p.literal) == 0 && try <= 20:
		row[at] = g.best(row, at, 12, func(int) any { return p.draw(g.r, g.tries, false) })
	case try <= 20: // the constraints may permit nothing but what they name
		row[at] = g.best(row, at, 12, func(int) any { return p.plain(g.r, try) })
	default:
		row[at] = p.draw(g.r, g.tries, try > 40)
	}
	for n, k := range g.keys {
		if !slices.Contains(k.columns, at) {
			continue
		}
		if len(g.parents[n]) > 0 {
			first := g.r.IntN(len(g.parents[n]))
			parent := func(i int) []any { return g.parents[n][(first+i)%len(g.parents[n])] }
			from := g.bestOf(row, k.columns[0], min(4, len(g.parents[n])), func(i int) any { return parent(i)[0] })
			for j, c := range k.columns {
				row[c] = parent(from)[j]
			}
			continue
		}
		for _, c := range k.columns {
			switch {
			case !g.columns[c].NotNull:
				row[c] = nil
			case strings.EqualFold(k.parent, g.name) && g.id >= 0: // its own parent
				row[c] = g.first + int64(i)
			}
		}
	}
}
