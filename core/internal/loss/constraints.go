// What tables demand of their rows: their definitions before and after are read, and held
// against each other.

package loss

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/schema"
)

// CompareConstraints finds the tables that lost constraints because they were redefined or a
// unique index was replaced: for each, one finding of the kind ConstraintLost, and one of the
// kind ConstraintChanged, if there are any. A constraint is not lost if another of the table
// demands as much, an index included, if it is about a column that is gone, or if it refers to
// a table that is gone. Columns and tables that were renamed are the same, as far as seen
// knows; if it is nil, the migration was not watched. The findings are in the order of
// [Pairs], what each lists in that of the statement before, then of the indexes.
func CompareConstraints(before, after Content, seen *Trace) (list []Finding) {
	pairs := Pairs(before, after, seen)
	parents, old := parentsOf(pairs, seen)
	for _, p := range pairs {
		if p.Before == nil || p.After == nil || seen == nil && p.Renamed() { // found by its place in the file: one renamed keeps all, a new one is another table
			continue
		}
		indexes := p.reindexed(before, after)
		if !p.Redefined() && indexes == nil {
			continue
		}
		d, ok := newDefined(p, after, seen)
		if !ok { // a virtual one
			continue
		}
		d.parents, d.old = parents, old
		lost, changed := p.finding(ConstraintLost), p.finding(ConstraintChanged)
		for _, c := range d.was.Constraints {
			if text, now := d.lost(c); text == "" || slices.Contains(lost.Constraints, text) {
				continue
			} else if now == "" {
				lost.Constraints = append(lost.Constraints, text)
			} else {
				changed.Constraints, changed.Replacements = append(changed.Constraints, text), append(changed.Replacements, now)
			}
		}
		for _, x := range indexes {
			if text := d.lostIndex(x.was, x.is); text != "" {
				lost.Constraints = append(lost.Constraints, text)
			}
		}
		if lost.Constraints != nil {
			list = append(list, lost)
		}
		if changed.Constraints != nil {
			list = append(list, changed)
		}
	}
	return list
}

// reindexed is an index before and after.
type reindexed struct{ was, is schema.Object }

// reindexed returns the unique indexes of the table whose name has another statement now.
func (p Pair) reindexed(before, after Content) (list []reindexed) {
	for _, was := range before.Schema {
		if was.Type != "index" || !strings.EqualFold(was.Table, p.Before.Name) {
			continue
		}
		i := slices.IndexFunc(after.Schema, func(is schema.Object) bool { return is.Key() == was.Key() })
		if i < 0 || after.Schema[i].SQL == was.SQL {
			continue
		}
		if x, ok := split.Index([]byte(was.SQL)); ok && x.Unique {
			list = append(list, reindexed{was, after.Schema[i]})
		}
	}
	return list
}

// lostIndex returns a unique index, of which another has the name now, as a constraint; ""
// if the table demands as much as it did.
func (d *defined) lostIndex(was, is schema.Object) string {
	if c, ok := uniqueIndex(was); ok {
		text, _ := d.lost(c)
		return text
	}
	now, _ := split.Index([]byte(is.SQL))
	if now.Unique {
		return ""
	}
	x, _ := split.Index([]byte(was.SQL))
	text := "UNIQUE (" + strings.Join(x.Terms, ", ") + ")"
	if x.Where != "" {
		text += " WHERE " + strings.TrimSpace(x.Where)
	}
	return text
}

// defined is a table by its definitions before and after. Names in maps are in lower case.
type defined struct {
	was, is split.Definition
	origin  map[string]string // the name before of each column after
	now     map[string]string // the name after of each column that stayed, by that before
	unique  []split.Constraint
	parents map[string]parent // tables that a foreign key may refer to, by their name after
	old     map[string]parent // the same, by their name before
}

// newDefined reads both definitions of a table, but for its parents. Not ok: one of them is
// no CREATE TABLE.
func newDefined(p Pair, after Content, seen *Trace) (d *defined, ok bool) {
	d = &defined{origin: map[string]string{}, now: map[string]string{}}
	if d.was, ok = split.Define([]byte(p.Before.SQL)); !ok {
		return nil, false
	}
	if d.is, ok = split.Define([]byte(p.After.SQL)); !ok {
		return nil, false
	}
	for _, col := range d.is.Columns {
		was := strings.ToLower(p.ColumnBefore(seen, col.Name))
		d.origin[strings.ToLower(col.Name)] = was
		if d.was.Column(was) != nil {
			d.now[was] = col.Name
		}
	}
	for _, c := range d.is.Constraints {
		if c.Kind == split.Unique || c.Kind == split.PrimaryKey {
			d.unique = append(d.unique, c)
		}
	}
	for _, o := range after.Schema {
		if o.Type == "index" && strings.EqualFold(o.Table, p.After.Name) {
			if c, ok := uniqueIndex(o); ok {
				d.unique = append(d.unique, c)
			}
		}
	}
	return d, true
}

// constrained reports whether a unique index of the table before is a constraint now, of
// the same columns.
func (p Pair) constrained(o schema.Object, after Content, seen *Trace) bool {
	c, ok := uniqueIndex(o)
	if !ok || !p.Redefined() {
		return false
	}
	d, ok := newDefined(p, after, seen)
	return ok && slices.ContainsFunc(d.unique, func(u split.Constraint) bool { return d.sameColumns(u.Columns, c.Columns) && d.implies(u, c) })
}

// uniqueIndex returns a unique index as the constraint that it is. Not ok: it is another
// index, or one of some rows or of expressions.
func uniqueIndex(o schema.Object) (split.Constraint, bool) {
	x, ok := split.Index([]byte(o.SQL))
	if !ok || !x.Unique || x.Where != "" {
		return split.Constraint{}, false
	}
	d, ok := split.Define([]byte("CREATE TABLE t (UNIQUE (" + strings.Join(x.Terms, ", ") + "))"))
	if !ok || len(d.Constraints) != 1 || slices.ContainsFunc(x.Terms, func(term string) bool { return strings.Contains(term, "(") }) {
		return split.Constraint{}, false
	}
	return d.Constraints[0], true
}

// lost returns the text of a constraint, or the part of it, that the table no longer has;
// "" if it lost nothing. now is the text of the constraint that replaced it.
func (d *defined) lost(c split.Constraint) (text, now string) {
	for _, name := range c.Columns {
		if _, ok := d.now[strings.ToLower(name)]; !ok {
			return "", ""
		}
	}
	kept := false
	switch c.Kind {
	case split.PrimaryKey:
		return d.lostKey(c), ""
	case split.Unique:
		kept = slices.ContainsFunc(d.unique, func(u split.Constraint) bool { return d.implies(u, c) })
	case split.NotNull:
		kept = notNull(&d.is, d.now[strings.ToLower(c.Columns[0])], c.Conflict)
	case split.Default:
		return d.lostDefault(c)
	case split.Collate:
		k := d.is.Of(d.now[strings.ToLower(c.Columns[0])], split.Collate)
		kept = k != nil && strings.EqualFold(k.Expr, c.Expr)
	case split.Check:
		return d.lostCheck(c)
	case split.References:
		return d.lostReference(c), ""
	case split.Generated:
		kept = d.is.Of(d.now[strings.ToLower(c.Columns[0])], split.Generated) != nil
	default:
		kept = d.is.Has(c.Kind)
	}
	if kept {
		return "", ""
	}
	return c.String(), ""
}

// lostKey is lost for a PRIMARY KEY.
func (d *defined) lostKey(c split.Constraint) string {
	i := slices.IndexFunc(d.is.Constraints, func(k split.Constraint) bool {
		return k.Kind == split.PrimaryKey && d.sameColumns(k.Columns, c.Columns)
	})
	if i < 0 || c.Conflict != "" && d.is.Constraints[i].Conflict != c.Conflict {
		return c.String()
	}
	auto := c.Autoincrement && !d.is.Constraints[i].Autoincrement
	switch id := d.was.Rowid(); {
	case id != "" && d.is.Rowid() == "" && !d.is.Has(split.WithoutRowid) && d.integer(c.Columns[0]): // INT PRIMARY KEY stands for no rowid
		if auto {
			return id + " INTEGER PRIMARY KEY AUTOINCREMENT"
		}
		return id + " INTEGER PRIMARY KEY"
	case auto:
		return "AUTOINCREMENT"
	}
	return ""
}

// integer reports whether a column, by its name before, holds integers now.
func (d *defined) integer(column string) bool {
	col := d.is.Column(d.now[strings.ToLower(column)])
	return col != nil && strings.Contains(strings.ToUpper(col.Type), "INT")
}

// notNull reports whether a column of a table cannot be NULL, and is handled so in a conflict.
func notNull(d *split.Definition, column, conflict string) bool {
	if k := d.Of(column, split.NotNull); k != nil {
		return conflict == "" || k.Conflict == conflict
	}
	if strings.EqualFold(d.Rowid(), column) {
		return true
	}
	key := slices.ContainsFunc(d.Primary(), func(name string) bool { return strings.EqualFold(name, column) })
	return key && (d.Has(split.WithoutRowid) || d.Has(split.Strict)) // https://sqlite.org/stricttables.html
}

// lostDefault is lost for a DEFAULT. The rowid, and a column that is generated, have none.
func (d *defined) lostDefault(c split.Constraint) (text, now string) {
	name := d.now[strings.ToLower(c.Columns[0])]
	k := d.is.Of(name, split.Default)
	switch {
	case k == nil && (strings.EqualFold(d.was.Rowid(), c.Columns[0]) || strings.EqualFold(d.is.Rowid(), name) || d.is.Of(name, split.Generated) != nil):
		return "", ""
	case k == nil:
		return c.String(), ""
	case d.is.FoldDefault(*k) == d.was.FoldDefault(c):
		return "", ""
	}
	return c.String(), k.String()
}

// lostCheck is lost for a CHECK. Another of the same columns that is new stands in its place.
func (d *defined) lostCheck(c split.Constraint) (text, now string) {
	same := func(name string) string { return name }
	before := func(name string) string { return d.origin[strings.ToLower(name)] }
	for _, k := range d.is.Constraints {
		if k.Kind != split.Check {
			continue
		}
		is := d.is.Fold(k.Expr, before)
		if is == d.was.Fold(c.Expr, same) {
			return "", ""
		}
		known := slices.ContainsFunc(d.was.Constraints, func(o split.Constraint) bool {
			return o.Kind == split.Check && d.was.Fold(o.Expr, same) == is
		})
		if !known && now == "" && d.sameColumns(k.Columns, c.Columns) {
			now = k.String()
		}
	}
	return c.String(), now
}

// implies reports whether what is unique after makes unique what c does: by the same
// columns, or by some of them.
func (d *defined) implies(after, c split.Constraint) bool {
	if c.Conflict != "" && after.Conflict != c.Conflict {
		return false
	}
	for i, name := range after.Columns {
		j := slices.IndexFunc(c.Columns, func(was string) bool { return strings.EqualFold(d.origin[strings.ToLower(name)], was) })
		if j < 0 {
			return false
		}
		is, was := after.Collations[i], c.Collations[j]
		if is == "" && was == "" { // COLLATE of the column is a constraint of its own
			continue
		}
		if !strings.EqualFold(collation(&d.is, name, is), collation(&d.was, c.Columns[j], was)) {
			return false
		}
	}
	return len(after.Columns) > 0
}

// collation is how a column of a constraint is compared.
func collation(d *split.Definition, column, explicit string) string {
	if explicit != "" {
		return explicit
	}
	if k := d.Of(column, split.Collate); k != nil {
		return k.Expr
	}
	return "BINARY"
}

// sameColumns reports whether columns after are these before, in any order.
func (d *defined) sameColumns(after, before []string) bool {
	var is, was []string
	for _, name := range after {
		is = append(is, d.origin[strings.ToLower(name)])
	}
	for _, name := range before {
		was = append(was, strings.ToLower(name))
	}
	slices.Sort(is)
	slices.Sort(was)
	return slices.Equal(is, was)
}
