// What a migration loses, as findings.

package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/visible"
)

// losses are what the migration has lost, the values that were replaced included.
func (m *Migration) losses() (list []finding.Finding) {
	pairs := map[string]loss.Pair{} // by the name after
	for _, p := range loss.Pairs(m.Before, m.After, m.Seen) {
		if p.After != nil {
			pairs[p.After.Name] = p
		}
	}
	moved := map[[2]string]bool{} // columns that may have another name now
	for _, f := range loss.Compare(m.Before, m.After, m.Seen) {
		if f.Kind == loss.ColumnDropped && f.Instead != "" {
			moved[[2]string{f.Now, strings.ToLower(f.Column)}] = true
		}
		if f.Kind == loss.IndexLost && m.removedColumn(f, pairs[f.Now], moved) {
			continue
		}
		if n, ok := m.Gone[f.Now]; ok && f.Kind == loss.RowsLost && !f.Rebuilt {
			if f.Lost = n; n == 0 {
				continue
			}
		}
		told := slices.ContainsFunc(m.Replaced, func(r loss.Finding) bool {
			return (f.Kind == loss.ValuesLost || f.Kind == loss.TypeChanged) && r.Table == f.Table && r.Column == f.Column
		})
		if found, ok := lost(f); ok && !told {
			list = append(list, m.at(found, m.cause(f)))
		}
	}
	list = append(list, m.sequences(pairs)...)
	for _, f := range m.Replaced {
		list = append(list, m.at(finding.New(finding.Values, "%s", f.Replaced()), m.cause(f)))
	}
	for _, f := range loss.CompareConstraints(m.Before, m.After, m.Seen) {
		if f.Kind == loss.ConstraintLost {
			found := finding.New(finding.Constraint, "table %s: no longer: %s", f.Now, strings.Join(f.Constraints, ", "))
			if !f.Rebuilt {
				found.Do = "Create it again, in this migration or the next."
			}
			list = append(list, m.at(found, m.cause(f)))
		}
	}
	return list
}

// sequences are the tables whose AUTOINCREMENT begins again: a rebuild without rows loses how
// far it was.
func (m *Migration) sequences(pairs map[string]loss.Pair) (list []finding.Finding) {
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		p := pairs[name]
		d, _ := split.Define([]byte(p.After.SQL))
		auto := slices.ContainsFunc(d.Constraints, func(c split.Constraint) bool { return c.Autoincrement })
		if p.Before == nil || !auto {
			continue
		}
		was, is := m.Before.Sequences[strings.ToLower(p.Before.Name)], m.After.Sequences[strings.ToLower(name)]
		if is < was {
			f := finding.New(finding.Values, "AUTOINCREMENT of table %s continues after %d, and was at %d", name, is, was)
			f.Why, f.Do = "Numbers of rows that were deleted are given to new ones.", fmt.Sprintf("After the rebuild: UPDATE sqlite_sequence SET seq = %d WHERE name = %s", was, sqlite.String(name))
			list = append(list, m.at(f, m.statements(name, "", sqlite.ActDropTable)))
		}
	}
	return list
}

// cause returns the statements that may have caused a loss.
func (m *Migration) cause(f loss.Finding) []loss.Place {
	const (
		create, drop, alter    = sqlite.ActCreateTable, sqlite.ActDropTable, sqlite.ActAlterTable
		insert, update, delete = sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete
	)
	switch f.Kind {
	case loss.TableDropped:
		return m.statements(f.Table, "", drop)
	case loss.IndexLost, loss.TriggerLost:
		return m.statements(f.Now, "", drop)
	case loss.RowsLost:
		if !f.Rebuilt {
			return m.first(f.Now, "", delete, insert, update)
		}
		return m.statements(f.Now, "", insert, create, drop)
	case loss.ColumnDropped, loss.ConstraintLost:
		if !f.Rebuilt {
			return m.first(f.Now, f.Column, sqlite.ActDropIndex, alter)
		}
		return m.statements(f.Now, "", create, insert, drop)
	}
	if !f.Rebuilt {
		return m.first(f.Now, f.Column, update, insert, delete)
	}
	list := m.statements(f.Now, "", insert, create, drop)
	for _, p := range m.statements(f.Now, "", update) {
		if mentions(m.text(p.At), f.Column) {
			list = append(list, p)
		}
	}
	return list
}

// removedColumn reports whether a lost index was on a column that the migration removed.
func (m *Migration) removedColumn(index loss.Finding, p loss.Pair, moved map[[2]string]bool) bool {
	x, ok := split.Index([]byte(index.Object.SQL))
	if !ok || p.Before == nil || len(p.After.Columns) == 0 {
		return false
	}
	return slices.ContainsFunc(x.Terms, func(term string) bool {
		name := split.Unquote(strings.TrimSpace(term))
		known := slices.ContainsFunc(p.Before.Columns, func(c loss.Column) bool { return strings.EqualFold(c.Name, name) })
		return known && !p.Keeps(m.Seen, name) && !moved[[2]string{index.Now, strings.ToLower(name)}]
	})
}

// lost is the finding of a loss. Not ok: the report shows the change anyway, as that of an
// UPDATE or a DROP INDEX.
func lost(f loss.Finding) (found finding.Finding, ok bool) {
	place := f.Table + "." + f.Column
	say := func(code finding.Code, format string, args ...any) (finding.Finding, bool) {
		return finding.New(code, format, args...), true
	}
	note := func(code finding.Code, format string, args ...any) (finding.Finding, bool) {
		found, _ := say(code, format, args...)
		found.Level = finding.Note
		return found, true
	}
	switch f.Kind {
	case loss.RowsLost:
		if f.Rebuilt {
			return say(finding.Destructive, "table %s is rebuilt with %d of its %s", f.Now, f.RowsAfter, visible.Count(f.Rows, "row"))
		}
		return say(finding.Destructive, "table %s loses %d of its %s", f.Now, f.Lost, visible.Count(f.Rows, "row"))
	case loss.TableDropped:
		if f.Lost == 0 {
			return note(finding.Destructive, "table %s is dropped, which has no rows", f.Table)
		}
		return say(finding.Destructive, "table %s is dropped with its %s", f.Table, visible.Count(f.Lost, "row"))
	case loss.ColumnDropped:
		switch {
		case f.Lost == 0 && f.Instead != "": // it has another name
			return found, false
		case f.Lost == 0:
			return note(finding.Destructive, "column %s is dropped, which has no values", place)
		case f.Instead != "":
			return say(finding.Destructive, "column %s is dropped with its %s, unless they are in %s now", place, visible.Count(f.Lost, "value"), f.Instead)
		}
		return say(finding.Destructive, "column %s is dropped with its %s", place, visible.Count(f.Lost, "value"))
	case loss.NullsGone:
		return say(finding.Values, "column %s is NOT NULL now, and was NULL in %s: changed or left out", place, visible.Count(f.Lost, "row"))
	}
	if !f.Rebuilt {
		return found, false
	}
	switch f.Kind {
	case loss.ValuesLost:
		return say(finding.Values, "column %s keeps %d of its %s in the rebuild", place, f.Is.Values(), visible.Count(f.Was.Values(), "value"))
	case loss.TypeChanged:
		if f.Sure && (f.Rows != f.RowsAfter || f.Is.Values() == f.Was.Values()) { // else values are lost, and that is told
			return say(finding.Values, "column %s is stored as something else by the rebuild: %v -> %v", place, f.Was, f.Is)
		}
	case loss.IndexLost, loss.TriggerLost:
		if f.Instead != "" { // the same index has another name
			return found, false
		}
		found, ok = say(finding.Destructive, "%s %s is gone since table %s was rebuilt", f.Object.Type, f.Object.Name, f.Object.Table)
		found.Why, found.Do = "Dropping a table drops its indexes and triggers too.", "Create it again after the rebuild, in the same migration."
		return found, ok
	}
	return found, false
}
