// The values of a table whose rows nothing brings together.

package loss

import (
	"fmt"

	"fastmigrate/core/internal/sqlite"
)

// compareSets compares the columns of a table whose rows nothing brings together: a value
// counts as replaced if the column does not hold it any more.
func (p Pair) compareSets(c *sqlite.Conn, columns []*column, names []string, rowid string, step int64, e *Extent) error {
	before, after := "before."+sqlite.Quote(p.Before.Name), "main."+sqlite.Quote(p.After.Name)
	text := func(name string) string { // 1.0 is 1
		name = sqlite.Quote(name)
		return "CASE WHEN typeof(" + name + ") = 'real' AND " + name + " = CAST(" + name + " AS INTEGER) THEN CAST(CAST(" + name + " AS INTEGER) AS TEXT) ELSE lower(trim(" + name + ")) END"
	}
	for _, col := range columns {
		where := chosen(rowid, step)
		set := "(SELECT " + text(col.was) + " FROM " + before + " WHERE " + sqlite.Quote(col.was) + " IS NOT NULL)"
		var there, kept, distinct int64
		err := c.Query(func(s *sqlite.Stmt) error {
			there, kept, distinct, col.first, col.named = s.Int(0), s.Int(1), s.Int(2), s.Value(3), s.Int(4)
			return nil
		}, "SELECT count(*), count(*) FILTER (WHERE "+text(col.is)+" IN "+set+"), count(DISTINCT "+sqlite.Quote(col.is)+"), min("+sqlite.Quote(col.is)+"), "+
			"count(*) FILTER (WHERE "+text(col.is)+" IN (lower(?), lower(?))) FROM "+after+" WHERE "+sqlite.Quote(col.is)+" IS NOT NULL"+where, col.is, col.was)
		if err == nil {
			col.values, err = c.Int("SELECT count(*) FROM " + before + " WHERE " + sqlite.Quote(col.was) + " IS NOT NULL" + where)
		}
		if err != nil {
			return err
		}
		col.changed, col.nulls = there-kept, max(0, min(col.values-there, col.values))
		if p.Before.Rows != p.After.Rows { // rows are gone, and told so
			col.nulls = 0
		}
		if distinct == 1 && col.values > 1 {
			other, err := c.Int("SELECT count(DISTINCT " + sqlite.Quote(col.was) + ") FROM " + before)
			if err != nil {
				return err
			}
			if col.same = col.changed; other > 1 && col.changed == 0 { // all became one that some were
				col.changed, col.same = there, there
			}
		}
		col.named = min(col.named, col.changed)
		if col.changed*2 > col.values && col.named != col.changed && col.same != col.changed {
			for i, name := range names {
				if i == col.at {
					continue
				}
				n, err := c.Int("SELECT count(*) FROM " + after + " WHERE " + sqlite.Quote(col.is) + " IS NOT NULL AND " + sqlite.Quote(col.is) + " IN (SELECT " + sqlite.Quote(name) + " FROM " + before + ")" + where)
				if err != nil {
					return err
				}
				if n == there {
					col.from[i] = col.changed
				}
			}
		}
	}
	if err := p.findSwapped(c, columns); err != nil {
		return err
	}
	e.Rows = p.Before.Rows
	if step > 1 {
		e.Rows = p.Before.Rows / step
	}
	return nil
}

// findSwapped finds two columns that each have the values of the other, even if most
// values are unchanged, as in two that refer to the same table.
func (p Pair) findSwapped(c *sqlite.Conn, columns []*column) error {
	before, after := "before."+sqlite.Quote(p.Before.Name), "main."+sqlite.Quote(p.After.Name)
	gone := func(one, other string, x, y *column) string {
		return "(SELECT count(*) FROM (SELECT " + sqlite.Quote(one) + ", " + sqlite.Quote(other) + " FROM " + before + " EXCEPT SELECT " + sqlite.Quote(x.is) + ", " + sqlite.Quote(y.is) + " FROM " + after + "))"
	}
	for i, x := range columns {
		for _, y := range columns[i+1:] {
			if x.replaced() && y.replaced() {
				continue
			}
			swapped, err := c.Int("SELECT " + gone(y.was, x.was, x, y) + " = 0 AND " + gone(x.was, y.was, x, y) + " * 2 > " + fmt.Sprint(p.Before.Rows))
			if err != nil {
				return err
			}
			if swapped != 0 {
				for _, col := range []*column{x, y} {
					col.changed, col.nulls, col.named, col.same = col.values, 0, 0, 0
				}
				x.from[y.at], y.from[x.at] = x.changed, y.changed
			}
		}
	}
	return nil
}
