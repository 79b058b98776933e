// Which table before a migration is which after it.

package loss

import (
	"maps"
	"slices"
	"strings"
)

// Pair is one table before and after.
type Pair struct {
	Before, After *Table // nil: there was none; there is none any more
	Rebuilt       bool   // it was dropped and created again
	Changes              // of its rows, as a [Trace] has counted them; 0 if it was created again
	everyRow      bool   // may have been written
}

// Carried reports whether the table is sure to hold what it held: see [Table.CountedBefore].
func (p Pair) Carried() bool { return p.Before != nil && p.After != nil && p.After.carried }

// Writes reports whether values that a row had may be others now: seen has counted such rows, or
// touched a table whose rows no hook sees.
func (p Pair) Writes(seen *Trace) bool {
	unseen := p.After.Root == 0 || strings.Contains(strings.ToUpper(p.After.SQL), "WITHOUT")
	return p.Updated > 0 || p.Deleted > 0 && p.Inserted > 0 || unseen && !seen.spares(p.After.Name)
}

// Pairs returns all tables of before and after, in the order of their names after the
// migration, then those that are gone. If seen is nil, the migration was not watched: a table
// is then the one that had its name, or if none had, its place in the file.
func Pairs(before, after Content, seen *Trace) (list []Pair) {
	kept := map[*Table]bool{}
	for _, name := range slices.Sorted(maps.Keys(after.Tables)) {
		now := after.Tables[name]
		p := Pair{Before: source(now, before, after, seen), After: now}
		if p.Before != nil {
			kept[p.Before] = true
			p.Rebuilt = seen.drops(p.Before.Name) || seen == nil && p.Before.Root != now.Root && p.Redefined()
		}
		if !seen.drops(name) {
			p.Changes = seen.changes(name)
		}
		if seen != nil && p.Before != nil && !seen.drops(name) { // DELETE without WHERE is no row's
			p.Deleted = max(p.Deleted, p.Before.Rows+p.Inserted-now.Rows)
		}
		p.everyRow = p.Before != nil && p.rewritten(seen)
		list = append(list, p)
	}
	for _, name := range slices.Sorted(maps.Keys(before.Tables)) {
		if t := before.Tables[name]; !kept[t] {
			list = append(list, Pair{Before: t})
		}
	}
	return list
}

// Renamed reports whether a table has another name now.
func (p Pair) Renamed() bool {
	return p.Before != nil && p.After != nil && !strings.EqualFold(p.Before.Name, p.After.Name)
}

// Redefined reports whether a table that is still there has another definition.
func (p Pair) Redefined() bool {
	return p.Before != nil && p.After != nil && p.Before.SQL != p.After.SQL
}

// lost is how many rows of before are gone, even if others were added.
func (p Pair) lost() int64 {
	return min(p.Before.Rows, max(p.Deleted, p.Before.Rows-p.After.Rows))
}

// source is the table that now was before, whatever its name was; nil if it is new.
func source(now *Table, before, after Content, seen *Trace) *Table {
	name := strings.ToLower(now.Name)
	if seen != nil {
		if was := seen.was[name]; was != "" && !seen.drops(was) {
			return before.Tables[strings.ToLower(was)]
		}
		for other, was := range seen.was {
			if other != name && strings.EqualFold(was, now.Name) && after.Tables[other] != nil && !seen.drops(name) {
				return nil // that one is what had this name
			}
		}
		return before.Tables[name]
	}
	if old := before.Tables[name]; old != nil {
		return old
	}
	for other, old := range before.Tables { // a program's ALTER TABLE
		if old.Root == now.Root && old.Root > 0 && after.Tables[other] == nil {
			return old
		}
	}
	return nil
}
