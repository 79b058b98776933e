package loss

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// Gained is a table that demands more of rows that it had before.
type Gained struct {
	Pair
	Constraint split.Constraint // UNIQUE, PRIMARY KEY or NOT NULL; the zero value for an index
	Index      schema.Object    // a unique index; the zero value for a constraint
}

// CompareGained finds what must be unique or not NULL now, and had not to be so before, of
// columns that the table had: as constraints, and as unique indexes, those of some rows and of
// expressions included. What a constraint or an index demanded before as much, is not gained.
// The order is that of [Pairs]; if seen is nil, the migration was not watched.
func CompareGained(before, after Content, seen *Trace) (list []Gained) {
	was := map[string]bool{} // unique indexes as they are, by their statements
	for _, o := range before.Schema {
		if o.Type == "index" {
			was[Unnamed(o)] = true
		}
	}
	for _, p := range Pairs(before, after, seen) {
		if p.Before == nil || p.After == nil || p.Before.Rows == 0 {
			continue
		}
		var made []schema.Object
		for _, o := range after.Schema {
			x, ok := split.Index([]byte(o.SQL))
			if ok && x.Unique && o.Type == "index" && strings.EqualFold(o.Table, p.After.Name) && !was[Unnamed(o)] {
				made = append(made, o)
			}
		}
		if made != nil || p.Redefined() {
			list = append(list, p.gained(before, after, made, seen)...)
		}
	}
	return list
}

// gained returns the new constraints of a table that stayed, including those of new
// unique indexes.
func (p Pair) gained(before, after Content, made []schema.Object, seen *Trace) (list []Gained) {
	d, ok := newDefined(p, after, seen)
	if !ok {
		return nil
	}
	var unique []split.Constraint // before
	for _, c := range d.was.Constraints {
		if c.Kind == split.Unique || c.Kind == split.PrimaryKey {
			unique = append(unique, c)
		}
	}
	for _, o := range before.Schema {
		if c, ok := uniqueIndex(o); ok && o.Type == "index" && strings.EqualFold(o.Table, p.Before.Name) {
			unique = append(unique, c)
		}
	}
	var found []split.Constraint // among those after
	implied := func(c split.Constraint) bool {
		same := func(u split.Constraint) bool {
			return !slices.ContainsFunc(u.Columns, func(name string) bool {
				return !slices.ContainsFunc(c.Columns, func(n string) bool { return strings.EqualFold(n, name) })
			})
		}
		return slices.ContainsFunc(unique, func(u split.Constraint) bool { return d.implied(u, c) }) || slices.ContainsFunc(found, same)
	}
	for _, c := range d.is.Constraints {
		switch c.Kind {
		case split.Unique, split.PrimaryKey:
			if d.had(c) && !implied(c) {
				list, found = append(list, Gained{Pair: p, Constraint: c}), append(found, c)
			}
		case split.NotNull:
			if d.had(c) && !notNull(&d.was, d.origin[strings.ToLower(c.Columns[0])], "") {
				list = append(list, Gained{Pair: p, Constraint: c})
			}
		}
	}
	for _, o := range made {
		c, ok := uniqueIndex(o)
		if !ok {
			c, ok = partialIndex(o)
		}
		if !ok || d.had(c) && !implied(c) {
			list, found = append(list, Gained{Pair: p, Index: o}), append(found, c)
		}
	}
	return list
}

// partialIndex returns a unique index of some rows as the constraint that it would be of
// all. Not ok: it is one of expressions.
func partialIndex(o schema.Object) (split.Constraint, bool) {
	if x, ok := split.Index([]byte(o.SQL)); ok && x.Where != "" {
		whole := o
		whole.SQL = "CREATE UNIQUE INDEX i ON " + sqlite.Quote(x.Table) + " (" + strings.Join(x.Terms, ", ") + ")"
		return uniqueIndex(whole)
	}
	return split.Constraint{}, false
}

// had reports whether a constraint after is about columns that the table had.
func (d *defined) had(c split.Constraint) bool {
	return !slices.ContainsFunc(c.Columns, func(name string) bool { return d.was.Column(d.origin[strings.ToLower(name)]) == nil })
}

// implied reports whether what was unique before makes unique what c, after, does: by the
// same columns, or by some of them.
func (d *defined) implied(before, c split.Constraint) bool {
	for i, name := range before.Columns {
		j := slices.IndexFunc(c.Columns, func(is string) bool { return strings.EqualFold(d.origin[strings.ToLower(is)], name) })
		if j < 0 {
			return false
		}
		was, is := collation(&d.was, name, before.Collations[i]), collation(&d.is, c.Columns[j], c.Collations[j])
		if !strings.EqualFold(was, is) && !strings.EqualFold(is, "BINARY") { // which tells apart more than any other
			return false
		}
	}
	return len(before.Columns) > 0
}
