// The values of a table whose rows nothing brings together.

package loss

import (
	"fastmigrate/core/internal/sqlite"
)

// compareSets compares the columns of a table whose rows nothing brings together: a value
// counts as replaced if the column does not hold it any more.
func (p Pair) compareSets(c *sqlite.Conn, columns []*column, names []string, rowid string, step int64, e *Extent) error {
	before, after := "before."+sqlite.Quote(p.Before.Name), "main."+sqlite.Quote(p.After.Name)
	text := func(name string) string { return "lower(trim(" + sqlite.Quote(name) + "))" }
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
	e.Rows = p.Before.Rows
	if step > 1 {
		e.Rows = p.Before.Rows / step
	}
	return nil
}
