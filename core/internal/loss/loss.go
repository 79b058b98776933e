// Package loss finds what a migration lost: rows, columns and their values, indexes,
// triggers. [Of] and the methods of [Table] read a database before and after it, a
// [Trace] watches its statements where that is possible, and [Compare] returns a list of
// [Finding]s.
//
// A finding is a fact, not a verdict. The caller decides which to report, and words
// them: a rehearsal reports nearly all, a test those that the text of the migration does
// not announce.
package loss

import (
	"slices"
	"strings"

	"fastmigrate/core/regex"
	"fastmigrate/core/schema"
)

// Kind is the kind of a loss.
type Kind string

const (
	RowsLost      Kind = "rows-lost"      // a table has fewer rows, or some were deleted
	TableDropped  Kind = "table-dropped"  // with its rows, if it had any
	ColumnDropped Kind = "column-dropped" // with its values, if it had any
	ValuesLost    Kind = "values-lost"    // as many rows have fewer values in a column
	TypeChanged   Kind = "type-changed"   // values of a column are stored as another type
	NullsGone     Kind = "nulls-gone"     // a column is NOT NULL now, and was NULL in rows
	IndexLost     Kind = "index-lost"     // of a table that is still there
	TriggerLost   Kind = "trigger-lost"   // of a table that is still there

	ValuesReplaced Kind = "values-replaced" // most values of a column are others now: see CompareValues

	RowsRepeated Kind = "rows-repeated" // a rebuild wrote rows more than once: see CompareValues

	ConstraintLost    Kind = "constraint-lost"    // a table demands less of its rows: see CompareConstraints
	ConstraintChanged Kind = "constraint-changed" // a CHECK or a DEFAULT is another now
)

// Finding is one thing that is lost.
type Finding struct {
	Kind  Kind
	Table string // its name before
	Now   string // its name after; "" if it was dropped

	Rebuilt   bool  // the table was dropped and created again
	Rows      int64 // of the table before; -1 if they cannot be counted
	RowsAfter int64 // -1 if there is no table any more

	// Lost is how many are lost: rows, of RowsLost and TableDropped; values, of
	// ColumnDropped, ValuesLost and ValuesReplaced; NULLs, of NullsGone. Of RowsRepeated, it
	// is how many rows are too many. It is 0 for the other kinds.
	Lost int64

	// For ValuesReplaced: the name of the column after, how many values were compared, and
	// their replacement in Instead: for ByOne the value as SQL, for ByColumn the earlier
	// name of that column.
	NowColumn string
	Values    int64
	By        By

	// Constraints are, of ConstraintLost and ConstraintChanged, those of the table before, as
	// text: UNIQUE (mail), REFERENCES p ON DELETE CASCADE. Replacements are, of
	// ConstraintChanged, what stands in the place of each.
	Constraints, Replacements []string

	Column  string // its name before; "" if it is about no column
	Was, Is Types  // the values of the column before and after
	Sure    bool   // of TypeChanged: values changed their type; otherwise some may be gone, and others new

	Object schema.Object // the index or trigger; the zero value for the other kinds

	// Instead is what may have replaced it: a new column in the place of one that a
	// rebuild dropped, an index that differs in its name only. "" if nothing has.
	Instead string
}

// Compare finds what before has and after has lost. If seen is nil, the migration was not
// watched. Columns are compared where the values of both tables are counted. The
// findings are in the order of the tables' names after the migration, then come dropped
// tables, then indexes and triggers; columns, indexes and triggers are in the order that
// they have in before. A unique index that is a constraint now is not lost.
func Compare(before, after Content, seen *Trace) (list []Finding) {
	kept := map[string]Pair{} // by the name before
	for _, p := range Pairs(before, after, seen) {
		switch {
		case p.Before == nil:
		case p.After == nil:
			if n := p.Before.Rows; n >= 0 {
				list = append(list, Finding{Kind: TableDropped, Table: p.Before.Name, Rows: n, RowsAfter: -1, Lost: n})
			}
		default:
			kept[strings.ToLower(p.Before.Name)] = p
			if n := p.lost(); n > 0 {
				f := p.finding(RowsLost)
				f.Lost = n
				list = append(list, f)
			}
			list = append(list, p.columns(seen)...)
		}
	}
	there := map[[2]string]bool{}
	for _, o := range after.Schema {
		there[o.Key()] = true
	}
	for _, o := range before.Schema {
		p, ok := kept[strings.ToLower(o.Table)]
		if !ok || o.Type != "index" && o.Type != "trigger" || there[o.Key()] {
			continue
		}
		if o.Type == "index" && p.constrained(o, after, seen) {
			continue
		}
		f := p.finding(TriggerLost)
		if f.Object = o; o.Type == "index" {
			f.Kind, f.Instead = IndexLost, alike(o, p.After.Name, after.Schema)
		}
		list = append(list, f)
	}
	return list
}

// finding begins one about a table that is still there.
func (p Pair) finding(kind Kind) Finding {
	return Finding{Kind: kind, Table: p.Before.Name, Now: p.After.Name, Rebuilt: p.Rebuilt, Rows: p.Before.Rows, RowsAfter: p.After.Rows}
}

// columns compares the columns of a table that is still there.
func (p Pair) columns(seen *Trace) (list []Finding) {
	if p.After.Columns == nil { // not counted
		return nil
	}
	now := map[string]Column{} // those that are kept, by the name before
	for _, c := range p.After.Columns {
		now[strings.ToLower(p.ColumnBefore(seen, c.Name))] = c
	}
	for i, old := range p.Before.Columns {
		find := func(kind Kind, lost int64) *Finding {
			f := p.finding(kind)
			f.Column, f.Was, f.Lost = old.Name, old.Types, lost
			list = append(list, f)
			return &list[len(list)-1]
		}
		c, ok := now[strings.ToLower(old.Name)]
		if !ok {
			find(ColumnDropped, old.Types.Values()).Instead = p.instead(i)
			continue
		}
		was, is := old.Types, c.Types
		if nulls := p.Before.Rows - was.Values(); c.NotNull && !old.NotNull && nulls > 0 {
			find(NullsGone, nulls).Is = is
		}
		if n := was.Values() - is.Values(); n > 0 && p.Before.Rows == p.After.Rows {
			find(ValuesLost, n).Is = is
		}
		if was.Turns(is) != nil {
			f := find(TypeChanged, 0)
			f.Is, f.Sure = is, was.surely(is)
		}
	}
	return list
}

// surely reports whether values changed their type, if there are [Types.Turns]: there are
// as many values as before, or fewer and some of a type that none had.
func (t Types) surely(now Types) bool {
	for i := range now {
		if now[i] > 0 && t[i] == 0 && now.Values() < t.Values() {
			return true
		}
	}
	return now.Values() == t.Values()
}

// instead is the new column in the place of the i-th, which a rebuild dropped, if it has
// as many values; "" if there is none.
func (p Pair) instead(i int) string {
	if !p.Rebuilt || i >= len(p.After.Columns) {
		return ""
	}
	c := p.After.Columns[i]
	known := slices.ContainsFunc(p.Before.Columns, func(old Column) bool { return strings.EqualFold(old.Name, c.Name) })
	if known || c.Types.Values() != p.Before.Columns[i].Types.Values() {
		return ""
	}
	return c.Name
}

// alike is the name of an index of the table that differs from o in its name only; "" if
// there is none.
func alike(o schema.Object, table string, list []schema.Object) string {
	for _, p := range list {
		if p.Type == "index" && strings.EqualFold(p.Table, table) && schema.SameSQL(Unnamed(p), Unnamed(o)) {
			return p.Name
		}
	}
	return ""
}

var on = regex.New(`(?is)^CREATE\s+(UNIQUE\s+)?INDEX\b.*?\sON\b`)

// Unnamed is the statement of an index without its own name: what is indexed, and whether
// it is unique.
func Unnamed(index schema.Object) string {
	return on.ReplaceAllString(index.SQL, "CREATE ${1}INDEX i ON")
}
