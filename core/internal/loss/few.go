// What a bug makes of a column whose values were mostly what it writes anyway: a flag that is
// set nearly nowhere, a default that nearly all rows have.

package loss

import (
	"fastmigrate/core/internal/sqlite"
)

// rewritten reports whether every row may have been written.
func (p Pair) rewritten(seen *Trace) bool {
	if seen == nil || seen.Blind || p.Rebuilt || !p.rowids() {
		return true
	}
	return p.Before.Rows > 1 && max(p.Updated, min(p.Deleted, p.Inserted)) >= p.Before.Rows
}

// settleFew looks at the columns in which at most half of the values changed, and finds
// those that now have one value in all rows instead of several, or the values of another
// column. From is where the rows before, b, and after, a, are together.
func (p Pair) settleFew(c *sqlite.Conn, part []*column, from string) error {
	for _, col := range part {
		if col.changed == 0 || col.nulls > 0 || col.replaced() || !p.everyRow {
			continue
		}
		if col.changed == 1 && !p.Rebuilt && p.Updated == 0 { // no one saw how many were written
			continue
		}
		several := func(name string) (bool, error) {
			n, err := c.Int("SELECT count(*) FROM (SELECT DISTINCT " + name + from + " WHERE " + name + " IS NOT NULL LIMIT 2)")
			return n > 1, err
		}
		was, is := "b."+sqlite.Quote(col.was), "a."+sqlite.Quote(col.is)
		if col.same == col.changed {
			now, err := several(is)
			if err != nil {
				return err
			}
			if !now {
				if before, err := several(was); err != nil {
					return err
				} else if before {
					col.all = ByOne
				}
				continue
			}
		}
		for i, n := range col.from {
			if n != col.changed {
				continue
			}
			others, err := c.Int("SELECT EXISTS (SELECT 1" + from + " WHERE " + is + " IS NOT b." + sqlite.Quote(col.names[i]) + ")")
			if err != nil {
				return err
			}
			if others == 0 {
				col.all = ByColumn
				break
			}
		}
	}
	return nil
}
