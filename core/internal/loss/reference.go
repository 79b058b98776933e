// Foreign keys and the tables to which they refer, before and after.

package loss

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/split"
)

// parent is a table that stayed or is new.
type parent struct {
	Pair
	seen *Trace
}

// parentsOf returns the tables that are there after, by their names then and before.
func parentsOf(pairs []Pair, seen *Trace) (after, before map[string]parent) {
	after, before = map[string]parent{}, map[string]parent{}
	for _, p := range pairs {
		if p.After == nil {
			continue
		}
		after[strings.ToLower(p.After.bare())] = parent{p, seen}
		if p.Before != nil {
			before[strings.ToLower(p.Before.bare())] = parent{p, seen}
		}
	}
	return after, before
}

// lostReference is lost for a foreign key. What it does on DELETE and UPDATE counts on its
// own, unless it is gone as a whole.
func (d *defined) lostReference(c split.Constraint) string {
	p, ok := d.old[strings.ToLower(c.Parent)]
	if !ok { // the parent is gone, or was not there
		return ""
	}
	to := p.columns(c.To, false)
	if p.goneAny(to) {
		return ""
	}
	lost, found := c, false
	for _, k := range d.is.Constraints {
		if k.Kind != split.References || len(k.Columns) != len(c.Columns) || !d.refersAlike(k, c, to) {
			continue
		}
		part := c
		if part.OnDelete == k.OnDelete {
			part.OnDelete = ""
		}
		if part.OnUpdate == k.OnUpdate {
			part.OnUpdate = ""
		}
		part.Deferred = c.Deferred && !k.Deferred
		if part.OnDelete == "" && part.OnUpdate == "" && !part.Deferred {
			return ""
		}
		if !found {
			lost, found = part, true
		}
	}
	if slices.EqualFunc(to, p.columns(nil, false), strings.EqualFold) {
		lost.To = nil
	}
	alike := 0 // keys to the same parent, of which it is to be said which one
	for _, o := range d.was.Constraints {
		if o.Kind == split.References && strings.EqualFold(o.Parent, c.Parent) {
			alike++
		}
	}
	if alike > 1 {
		return lost.Foreign()
	}
	return lost.String()
}

// refersAlike reports whether a foreign key after refers from the columns of c to the same
// table and its columns, which are to in it before.
func (d *defined) refersAlike(k, c split.Constraint, to []string) bool {
	p, ok := d.parents[strings.ToLower(k.Parent)]
	if !ok || p.Before == nil || !strings.EqualFold(p.Before.bare(), c.Parent) {
		return false
	}
	pairs := func(from, to []string) (list []string) {
		for i := range from {
			if i < len(to) {
				list = append(list, strings.ToLower(from[i]+"\x00"+to[i]))
			}
		}
		slices.Sort(list)
		return list
	}
	from := make([]string, len(k.Columns))
	for i, name := range k.Columns {
		from[i] = d.origin[strings.ToLower(name)]
	}
	return d.sameColumns(k.Columns, c.Columns) && slices.Equal(pairs(from, p.columns(k.To, true)), pairs(c.Columns, to))
}

// columns returns the columns of a parent to which a foreign key refers, by their names
// before; to are those that the key names, after or before the migration.
func (p parent) columns(to []string, after bool) (list []string) {
	t := p.Before
	if after {
		t = p.After
	}
	if t == nil {
		return to
	}
	if to == nil {
		d, _ := split.Define([]byte(t.SQL))
		to = d.Primary()
	}
	if !after {
		return to
	}
	for _, name := range to {
		list = append(list, p.ColumnBefore(p.seen, name))
	}
	return list
}

// goneAny reports whether the parent has lost one of these columns.
func (p parent) goneAny(columns []string) bool {
	d, ok := split.Define([]byte(p.After.SQL))
	return ok && slices.ContainsFunc(columns, func(was string) bool {
		return !slices.ContainsFunc(d.Columns, func(c split.Column) bool {
			return strings.EqualFold(p.ColumnBefore(p.seen, c.Name), was)
		})
	})
}
