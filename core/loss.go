// What a migration loses, told by what the tables held before and hold after it.

package core

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/visible"
)

// losses adds what is rebuilt, and warnings of what is lost.
func (m *RehearsedMigration) losses(before, after *content, seen *observation) {
	warn := func(format string, args ...any) { m.Warnings = append(m.Warnings, fmt.Sprintf(format, args...)) }
	rebuilt, kept := map[string]bool{}, map[string]bool{} // tables, by the name before
	for _, name := range sorted(after.tables) {
		now := after.tables[name]
		old := before.source(now, after, seen)
		if old == nil {
			continue
		}
		was := strings.ToLower(old.name)
		kept[was] = true
		again := seen != nil && seen.dropped[was] || seen == nil && old.root != now.root && old.sql != now.sql
		if again {
			rebuilt[was] = true
			m.Rebuilt = append(m.Rebuilt, now.name)
		}
		if again && now.rows < old.rows {
			warn("table %s is rebuilt with %d of its %s", now.name, now.rows, visible.Count(old.rows, "row"))
		} else if i := slices.IndexFunc(m.Tables, func(t TableRows) bool { return t.Name == now.name }); i >= 0 {
			if n := min(old.rows, max(m.Tables[i].Deleted, old.rows-now.rows)); n > 0 {
				warn("table %s loses %d of its %s", now.name, n, visible.Count(old.rows, "row"))
			}
		}
		m.columnLosses(old, now, seen, again, warn)
	}
	for _, name := range sorted(before.tables) {
		if old := before.tables[name]; !kept[name] && old.rows > 0 {
			warn("table %s is dropped with its %s", old.name, visible.Count(old.rows, "row"))
		}
	}
	for _, c := range m.Schema {
		if c.After != "" || c.Type != "index" && c.Type != "trigger" {
			continue
		}
		for _, o := range before.schema {
			if o.Type == c.Type && o.Name == c.Name && rebuilt[strings.ToLower(o.Table)] {
				warn("%s %s is gone since table %s was rebuilt", c.Type, c.Name, o.Table)
			}
		}
	}
}

// source is the table that now was before the migration, whatever its name was.
func (before *content) source(now *tableContent, after *content, seen *observation) *tableContent {
	name := strings.ToLower(now.name)
	if seen != nil {
		if was := seen.was[name]; was != "" && !seen.dropped[strings.ToLower(was)] {
			return before.tables[strings.ToLower(was)]
		}
		for other, was := range seen.was {
			if other != name && strings.EqualFold(was, now.name) && after.tables[other] != nil && !seen.dropped[name] {
				return nil // that one is what had this name
			}
		}
		return before.tables[name]
	}
	if old := before.tables[name]; old != nil {
		return old
	}
	for other, old := range before.tables { // a program's ALTER TABLE
		if old.root == now.root && old.root > 0 && after.tables[other] == nil {
			return old
		}
	}
	return nil
}

func (m *RehearsedMigration) columnLosses(old, now *tableContent, seen *observation, rebuilt bool, warn func(string, ...any)) {
	column := func(t *tableContent, name string) *columnContent {
		i := slices.IndexFunc(t.columns, func(c columnContent) bool { return strings.EqualFold(c.name, name) })
		if i < 0 {
			return nil
		}
		return &t.columns[i]
	}
	from := map[string]*columnContent{} // columns that are kept, by the name before
	for i := range now.columns {
		c := &now.columns[i]
		was := c.name
		if seen != nil {
			if name := seen.columnWas[[2]string{strings.ToLower(now.name), strings.ToLower(c.name)}]; name != "" {
				was = name
			}
		}
		from[strings.ToLower(was)] = c
	}
	for i, b := range old.columns {
		a := from[strings.ToLower(b.name)]
		place := old.name + "." + b.name
		if a == nil {
			if b.values() == 0 {
				continue
			}
			text := ""
			if rebuilt && i < len(now.columns) && column(old, now.columns[i].name) == nil && now.columns[i].values() == b.values() {
				text = ", unless they are in " + now.columns[i].name + " now"
			}
			warn("column %s is dropped with its %s%s", place, visible.Count(b.values(), "value"), text)
			continue
		}
		if a.notNull && !b.notNull && old.rows > b.values() {
			warn("column %s is NOT NULL now, and was NULL in %s: filled in, or left out", place, visible.Count(old.rows-b.values(), "row"))
		}
		switch {
		case !rebuilt:
		case a.values() < b.values() && now.rows == old.rows:
			warn("column %s keeps %d of its %s in the rebuild", place, a.values(), visible.Count(b.values(), "value"))
		case a.otherwise(b):
			warn("column %s is stored as something else by the rebuild: %s -> %s", place, b.kinds(), a.kinds())
		}
	}
}

// otherwise reports whether values of b are stored as something else in a, as far
// as their numbers tell.
func (a *columnContent) otherwise(b columnContent) bool {
	for i, n := range a.types {
		if n > 0 && b.types[i] == 0 && a.values() <= b.values() {
			return true
		}
	}
	return a.values() == b.values() && a.types != b.types
}

// kinds gives "5 text, 2 integer".
func (c columnContent) kinds() string {
	var list []string
	for i, n := range c.types {
		if n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, loss.Names[i]))
		}
	}
	return strings.Join(list, ", ")
}

func sorted(tables map[string]*tableContent) []string {
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
