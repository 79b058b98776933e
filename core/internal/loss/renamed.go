// Columns that a rebuild gave another name, and rows that it repeated.

package loss

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// ColumnBefore is the name before of a column that the table has now. One that is new has the
// same.
func (p Pair) ColumnBefore(seen *Trace, column string) string {
	if was := p.After.renamed[strings.ToLower(column)]; was != "" {
		return was
	}
	was := seen.columnBefore(p.After.Name, column)
	if p.Before != nil && !p.Before.has(was) && p.Before.has(column) { // a new one that took the place of one with its name
		return column
	}
	return was
}

func (t *Table) has(column string) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return strings.EqualFold(c.Name, column) })
}

// Keeps reports whether the table has a column still, by its name before.
func (p Pair) Keeps(seen *Trace, column string) bool {
	return slices.ContainsFunc(p.After.Columns, func(c Column) bool { return strings.EqualFold(p.ColumnBefore(seen, c.Name), column) })
}

// findRenamed finds the columns that a rebuild renamed: a new column has all values of a
// column that is gone, and these differ. The columns are those that have their name, old and
// now all names.
func (p Pair) findRenamed(c *sqlite.Conn, old, now []string, columns []*column, key *join) (list []*column, err error) {
	if !p.Rebuilt || p.Before.Rows != p.After.Rows {
		return nil, nil
	}
	taken := func(name func(*column) string, s string) bool {
		return slices.ContainsFunc(slices.Concat(columns, list), func(c *column) bool { return name(c) == s })
	}
	for at, was := range old {
		if taken(func(c *column) string { return c.was }, was) {
			continue
		}
		for _, is := range now {
			if taken(func(c *column) string { return c.is }, is) {
				continue
			}
			same, err := p.moved(c, was, is, key)
			if err != nil {
				return nil, err
			}
			if same {
				if p.After.renamed == nil {
					p.After.renamed = map[string]string{}
				}
				p.After.renamed[strings.ToLower(is)] = was
				list = append(list, newColumn(old, at, is))
				break
			}
		}
	}
	return list, nil
}

// moved reports whether all values of the column was, of which there are several, are those
// of the column is now.
func (p Pair) moved(c *sqlite.Conn, was, is string, key *join) (bool, error) {
	before, after := "before."+sqlite.Quote(p.Before.Name), "main."+sqlite.Quote(p.After.Name)
	was, is = sqlite.Quote(was), sqlite.Quote(is)
	same := fmt.Sprintf("NOT EXISTS (SELECT %s, count(*) FROM %s GROUP BY 1 EXCEPT SELECT %s, count(*) FROM %s GROUP BY 1)", was, before, is, after)
	if key != nil {
		same = fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s AS b LEFT JOIN %s AS a ON %s WHERE b.%s IS NOT NULL AND b.%s IS NOT a.%s)", before, after, key.on(), was, was, is)
	}
	n, err := c.Int(fmt.Sprintf("SELECT %s AND (SELECT count(*) FROM (SELECT DISTINCT %s FROM %s WHERE %[2]s IS NOT NULL LIMIT 2)) = 2", same, was, before))
	return n != 0, err
}

// repeated returns the finding of rows that a rebuild wrote more than once, as a join does
// that matches several. Rows that were alike before, and those that are new, are not
// repeated.
func (p Pair) repeated(c *sqlite.Conn, columns []*column) (f Finding, ok bool, err error) {
	if !p.Rebuilt || p.After.Rows <= p.Before.Rows {
		return f, false, nil
	}
	var was, is []string
	for _, col := range columns {
		was, is = append(was, sqlite.Quote(col.was)), append(is, sqlite.Quote(col.is))
	}
	alike := func(columns []string, table string) string {
		return fmt.Sprintf("(SELECT count(*) FROM %s) - (SELECT count(*) FROM (SELECT DISTINCT %s FROM %[1]s))", table, strings.Join(columns, ", "))
	}
	n, err := c.Int("SELECT (" + alike(is, "main."+sqlite.Quote(p.After.Name)) + ") - (" + alike(was, "before."+sqlite.Quote(p.Before.Name)) + ")")
	if err != nil || n <= 0 {
		return f, false, err
	}
	f = p.finding(RowsRepeated)
	f.Lost = n
	return f, true, nil
}
