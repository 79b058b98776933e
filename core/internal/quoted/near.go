package quoted

import (
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Column is a column of a table that a statement names.
type Column struct{ Table, Name string }

// Columns lists the columns of all tables and views that a statement names, and of the
// table that it creates. A view that it creates has none yet.
func Columns(c *sqlite.Conn, statement []byte) (list []Column) {
	if d, ok := split.Define(statement); ok {
		for _, column := range d.Columns {
			list = append(list, Column{d.Name, column.Name})
		}
	}
	own, _ := split.DeferredObject(statement)
	for _, schema := range []string{"main", "temp"} {
		c.Query(func(s *sqlite.Stmt) error { // without them, none is near
			table := s.Text(0)
			if split.Find(statement, table) < 0 || strings.EqualFold(table, own.Name) && own.Type == "view" {
				return nil
			}
			columns, err := catalog.ColumnsOf(c, schema, table)
			for _, column := range columns {
				list = append(list, Column{table, column.Name})
			}
			return err
		}, "SELECT name FROM "+schema+".sqlite_schema WHERE type IN ('table', 'view')")
	}
	return list
}

// Near returns the column that a name was probably meant to be: the nearest of those that
// are at most two edits away and share at least half of the letters. It returns a column
// with exactly the same name, which the statement cannot use in this place, only if no
// other is near. Ok is false if there is none.
func Near(name string, columns []Column) (near Column, ok bool) {
	best := 3
	for _, column := range columns {
		n := edits(name, column.Name)
		switch longest := max(len([]rune(name)), len([]rune(column.Name))); {
		case n == 0 && !ok:
			near, ok = column, true
		case n > 0 && n < best && 2*n <= longest:
			near, ok, best = column, true, n
		}
	}
	return near, ok
}

// edits counts how many letters must be inserted, removed, replaced, or swapped with
// their neighbour to make a of b, whatever their case; where it is more than two, any
// number above two.
func edits(a, b string) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if d := len(s) - len(t); d < -2 || d > 2 {
		return 3
	}
	before, last := []int(nil), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		now := []int{i + 1}
		for j := range t {
			change := 1
			if s[i] == t[j] {
				change = 0
			}
			n := min(last[j]+change, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				n = min(n, before[j-1]+1)
			}
			now = append(now, n)
		}
		before, last = last, now
	}
	return last[len(t)]
}
