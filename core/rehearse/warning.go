// Warnings of what a migration loses.

package rehearse

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/visible"
)

// addLosses adds the tables that were rebuilt, and warnings of what is lost, the values that
// were replaced included. Gone is how many rows of a table are gone, where others may only
// have been put back.
func (m *Migration) addLosses(before, after *content, seen *loss.Trace, replaced []loss.Finding, gone map[string]int64) {
	pairs := map[string]loss.Pair{} // by the name after
	for _, p := range loss.Pairs(before.Content, after.Content, seen) {
		if p.After != nil {
			pairs[p.After.Name] = p
		}
		if p.Rebuilt {
			m.Rebuilt = append(m.Rebuilt, p.After.Name)
		}
	}
	moved := map[[2]string]bool{} // columns that may have another name now
	for _, f := range loss.Compare(before.Content, after.Content, seen) {
		if f.Kind == loss.ColumnDropped && f.Instead != "" {
			moved[[2]string{f.Now, strings.ToLower(f.Column)}] = true
		}
		if f.Kind == loss.IndexLost && removedColumn(f, pairs[f.Now], seen, moved) {
			continue
		}
		if n, ok := gone[f.Now]; ok && f.Kind == loss.RowsLost && !f.Rebuilt {
			if f.Lost = n; n == 0 {
				continue
			}
		}
		told := slices.ContainsFunc(replaced, func(r loss.Finding) bool {
			return f.Kind == loss.ValuesLost && r.Table == f.Table && r.Column == f.Column
		})
		if w := warning(f); w != "" && !told {
			m.Warnings = append(m.Warnings, w)
		}
	}
	for _, f := range replaced {
		m.Warnings = append(m.Warnings, f.Replaced())
	}
	for _, f := range loss.CompareConstraints(before.Content, after.Content, seen) {
		if f.Kind == loss.ConstraintLost {
			m.Warnings = append(m.Warnings, fmt.Sprintf("table %s: no longer: %s", f.Now, strings.Join(f.Constraints, ", ")))
		}
	}
}

// removedColumn reports whether a lost index was on a column that the migration removed.
func removedColumn(index loss.Finding, p loss.Pair, seen *loss.Trace, moved map[[2]string]bool) bool {
	x, ok := split.Index([]byte(index.Object.SQL))
	if !ok || p.Before == nil || len(p.After.Columns) == 0 {
		return false
	}
	return slices.ContainsFunc(x.Terms, func(term string) bool {
		name := split.Unquote(strings.TrimSpace(term))
		known := slices.ContainsFunc(p.Before.Columns, func(c loss.Column) bool { return strings.EqualFold(c.Name, name) })
		return known && !p.Keeps(seen, name) && !moved[[2]string{index.Now, strings.ToLower(name)}]
	})
}

// warning describes a loss. It is "" where the report shows the change anyway, as of an
// UPDATE or a DROP INDEX.
func warning(f loss.Finding) string {
	place := f.Table + "." + f.Column
	switch f.Kind {
	case loss.RowsLost:
		if f.Rebuilt {
			return fmt.Sprintf("table %s is rebuilt with %d of its %s", f.Now, f.RowsAfter, visible.Count(f.Rows, "row"))
		}
		return fmt.Sprintf("table %s loses %d of its %s", f.Now, f.Lost, visible.Count(f.Rows, "row"))
	case loss.TableDropped:
		return fmt.Sprintf("table %s is dropped with its %s", f.Table, visible.Count(f.Lost, "row"))
	case loss.ColumnDropped:
		text := ""
		if f.Instead != "" {
			text = ", unless they are in " + f.Instead + " now"
		}
		return fmt.Sprintf("column %s is dropped with its %s%s", place, visible.Count(f.Lost, "value"), text)
	case loss.NullsGone:
		return fmt.Sprintf("column %s is NOT NULL now, and was NULL in %s: filled in, or left out", place, visible.Count(f.Lost, "row"))
	}
	if !f.Rebuilt {
		return ""
	}
	switch f.Kind {
	case loss.ValuesLost:
		return fmt.Sprintf("column %s keeps %d of its %s in the rebuild", place, f.Is.Values(), visible.Count(f.Was.Values(), "value"))
	case loss.TypeChanged:
		if f.Sure && (f.Rows != f.RowsAfter || f.Is.Values() == f.Was.Values()) { // else values are lost, and that is told
			return fmt.Sprintf("column %s is stored as something else by the rebuild: %v -> %v", place, f.Was, f.Is)
		}
	case loss.IndexLost, loss.TriggerLost:
		if f.Instead != "" { // the same index has another name
			return ""
		}
		return fmt.Sprintf("%s %s is gone since table %s was rebuilt", f.Object.Type, f.Object.Name, f.Object.Table)
	}
	return ""
}
