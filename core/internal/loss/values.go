// What became of the values themselves: the rows of a table before and after are brought
// together by their key, and each value is compared with the one that it was.

package loss

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Extent is how much of a table was compared.
type Extent struct {
	Table string // its name after the migration
	Rows  int64  // that were compared, of before
	Of    int64  // rows before
	Gone  int64  // rows of before that are not there any more; -1 if that was not asked

	// Sampled says that only some rows were to be compared: those whose keys chose them, the
	// same in each comparison.
	Sampled bool

	// Unfinished says that the time of a table ended it: what was found is a part.
	Unfinished bool
}

// Limits bound how much is compared. The zero value is a million rows of a table, and ten
// seconds; a negative time is none.
type Limits struct {
	Rows int64
	Time time.Duration
}

func (l Limits) rows() int64 {
	if l.Rows == 0 {
		return 1_000_000
	}
	return l.Rows
}

func (l Limits) time() time.Duration {
	if l.Time == 0 {
		return 10 * time.Second
	}
	return l.Time
}

// By says what replaced the values.
type By string

const (
	ByNull   By = "NULL"
	ByName   By = "name"   // the name of the column, as text: a quoted name that is none
	ByOne    By = "one"    // one value in all rows
	ByColumn By = "column" // the values of another column
	ByOthers By = "others"
)

// CompareValues finds the columns in which a migration replaced most values, as findings of
// the kind ValuesReplaced, table by table. The database at the path before is an earlier
// state of the one at after; both are only read. A value that differs only in case, outer
// blanks or its type is not replaced, nor is one in a column that is new. Tables that seen
// is sure to have left alone are not compared; if seen is nil, all are. Rows that a rebuild
// repeated are of the kind RowsRepeated. It learns which columns a rebuild gave another
// name: what compares the same two contents afterwards knows them by it. The errors are
// those of SQLite, and of ctx.
func CompareValues(ctx context.Context, before, after string, was, is Content, seen *Trace, l Limits) (list []Finding, all []Extent, err error) {
	v := &comparison{ctx: ctx, before: before, after: after, seen: seen, Limits: l}
	defer v.close()
	for _, p := range Pairs(was, is, seen) {
		if p.Carried() || !p.replaces(seen) {
			continue
		}
		found, extent, err := v.table(p)
		if err != nil {
			if catalog.CannotCompile(err) { // only the application can read it
				continue
			}
			return nil, nil, err
		}
		list = append(list, found...)
		if extent != nil {
			all = append(all, *extent)
		}
	}
	return list, all, nil
}

// replaces reports whether values of rows that stay may have been replaced.
func (p Pair) replaces(seen *Trace) bool {
	switch {
	case p.Before == nil || p.After == nil || p.Before.Rows <= 0 || p.After.Rows <= 0:
		return false
	case p.After.Root == 0: // virtual
		return false
	case seen == nil || seen.Blind || p.Rebuilt:
		return true
	case !seen.spares(p.After.Name) && strings.Contains(strings.ToUpper(p.After.SQL), "WITHOUT"): // whose rows no hook sees
		return true
	}
	return p.most(p.Updated+min(p.Deleted, p.Inserted)) || p.Deleted > 0 && p.Inserted > 0
}

// most reports whether changes of so many rows can replace most values of a column.
func (p Pair) most(rows int64) bool {
	if rows == 0 || len(p.Before.Columns) == 0 {
		return rows > 0
	}
	return slices.ContainsFunc(p.Before.Columns, func(c Column) bool { n := c.Types.Values(); return n > 0 && rows*2 > n })
}

func (p Pair) compareValues(c *sqlite.Conn, seen *Trace, l Limits, e *Extent) (list []Finding, err error) {
	old, err := catalog.ColumnsOf(c, "before", p.Before.Name)
	if err != nil {
		return nil, err
	}
	now, err := catalog.Columns(c, p.After.Name)
	if err != nil {
		return nil, err
	}
	names := catalog.Ordinary(old)
	var columns []*column
	for _, name := range catalog.Ordinary(now) {
		was := p.ColumnBefore(seen, name)
		if at := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, was) }); at >= 0 {
			columns = append(columns, newColumn(names, at, name))
		}
	}
	key, matched, err := p.key(c, old, now, columns)
	if err != nil {
		return nil, err
	}
	if renamed, err := p.findRenamed(c, names, catalog.Ordinary(now), columns, key); err != nil {
		return nil, err
	} else if renamed != nil {
		columns = append(columns, renamed...)
		if key, matched, err = p.key(c, old, now, columns); err != nil {
			return nil, err
		}
	}
	if len(columns) == 0 {
		return nil, nil
	}
	if f, ok, err := p.repeated(c, columns); err != nil {
		return nil, err
	} else if ok {
		list = append(list, f)
	}
	if p.Deleted > 0 && p.Inserted > 0 && !p.Rebuilt { // they may have been put back
		if e.Gone, err = p.gone(c, columns, key); err != nil {
			return nil, err
		}
	}
	if key == nil && !p.Rebuilt && len(catalog.Primary(now)) > 0 && e.Gone == p.Before.Rows { // other rows stand in their place
		return list, nil
	}
	step, rowid := (p.Before.Rows+l.rows()-1)/l.rows(), catalog.Rowid(old...)
	if !p.rowids() || rowid == "" {
		step = 1
	}
	e.Sampled = step > 1
	if key == nil {
		err = p.compareSets(c, columns, names, rowid, step, e)
	} else {
		if e.Sampled || matched != p.Before.Rows {
			matched = -1
		}
		err = p.compareRows(c, columns, names, key, chosen("b."+rowid, step), matched, e)
	}
	for _, col := range columns {
		if f, ok := p.replaced(col); ok {
			list = append(list, f)
		}
	}
	return list, err
}

// join is the expression of a key in each of the two tables.
type join struct{ before, after []string }

func (j *join) on() string {
	var list []string
	for i := range j.before {
		list = append(list, "b."+j.before[i]+" = a."+j.after[i])
	}
	return strings.Join(list, " AND ")
}

// key returns the join that matches rows before and after; nil if there is none: a table
// without a primary key gives its rows other numbers when it is rebuilt.
func (p Pair) key(c *sqlite.Conn, old, now []catalog.Column, columns []*column) (j *join, matched int64, err error) {
	primary := func(of []catalog.Column, name func(*column) string) *join {
		j := &join{}
		for _, at := range catalog.Primary(of) {
			i := slices.IndexFunc(columns, func(c *column) bool { return strings.EqualFold(name(c), of[at].Name) })
			if i < 0 {
				return nil
			}
			j.before, j.after = append(j.before, sqlite.Quote(columns[i].was)), append(j.after, sqlite.Quote(columns[i].is))
		}
		if len(j.before) == 0 {
			return nil
		}
		return j
	}
	var tries []*join
	tries = append(tries, primary(now, func(c *column) string { return c.is }), primary(old, func(c *column) string { return c.was }))
	if b, a := catalog.Rowid(old...), catalog.Rowid(now...); !p.Rebuilt && p.Before.Root > 0 && b != "" && a != "" && p.rowids() {
		tries = append(tries, &join{[]string{b}, []string{a}})
	}
	for _, j := range tries {
		if j == nil {
			continue
		}
		n, err := c.Int("SELECT count(*) FROM before." + sqlite.Quote(p.Before.Name) + " AS b JOIN main." + sqlite.Quote(p.After.Name) + " AS a ON " + j.on())
		if err != nil {
			return nil, 0, err
		}
		if n > 0 && n*2 > min(p.Before.Rows, p.After.Rows) && n <= 2*max(p.Before.Rows, p.After.Rows) {
			return j, n, nil
		}
	}
	return nil, 0, nil
}

// rowids reports whether both tables have rowids.
func (p Pair) rowids() bool {
	without := func(t *Table) bool { return strings.Contains(strings.ToUpper(t.SQL), "WITHOUT") }
	return !without(p.Before) && !without(p.After)
}

// gone counts the rows of before that no longer exist, by their key or, without one, by
// all their values.
func (p Pair) gone(c *sqlite.Conn, columns []*column, key *join) (int64, error) {
	before, after := "before."+sqlite.Quote(p.Before.Name), "main."+sqlite.Quote(p.After.Name)
	if key != nil {
		return c.Int("SELECT count(*) FROM " + before + " AS b WHERE NOT EXISTS (SELECT 1 FROM " + after + " AS a WHERE " + key.on() + ")")
	}
	var was, is []string
	for _, col := range columns {
		was, is = append(was, sqlite.Quote(col.was)), append(is, sqlite.Quote(col.is))
	}
	return c.Int("SELECT count(*) FROM (SELECT " + strings.Join(was, ", ") + " FROM " + before + " EXCEPT SELECT " + strings.Join(is, ", ") + " FROM " + after + ")")
}

// chosen is the condition that takes about one row of step, by a hash of its rowid: ids may have
// a stride of their own. It is "" for all.
func chosen(rowid string, step int64) string {
	if step <= 1 {
		return ""
	}
	const prime = 2147483647
	x := fmt.Sprintf("abs(%s %% %d)", rowid, prime)
	return fmt.Sprintf(" AND (%[1]s * 48271 %% %[2]d) * (%[1]s * 69621 %% %[2]d) %% %[2]d %% %[3]d = 0", x, prime, step)
}

// compareRows compares the rows that a key brings together. All is how many those are, if
// all rows of before are among them; else -1.
func (p Pair) compareRows(c *sqlite.Conn, columns []*column, names []string, key *join, chosen string, all int64, e *Extent) error {
	from := " FROM before." + sqlite.Quote(p.Before.Name) + " AS b JOIN main." + sqlite.Quote(p.After.Name) + " AS a ON " + key.on() + chosen
	n := all
	if n < 0 {
		var err error
		if n, err = c.Int("SELECT count(*)" + from); err != nil {
			return err
		}
	}
	const width = 300 // columns in one pass
	for at := 0; at < len(columns); at += width {
		part := columns[at:min(at+width, len(columns))]
		if all < 0 || !p.counted(part) {
			if err := countSome(c, part, from); err != nil {
				return err
			}
		}
		if err := compareSome(c, part, names, from); err != nil {
			return err
		}
		if err := p.settleFew(c, part, from); err != nil {
			return err
		}
	}
	e.Rows = n
	return nil
}

// countSome counts the values of some of the columns before.
func countSome(c *sqlite.Conn, part []*column, from string) error {
	var counts []string
	for _, col := range part {
		counts = append(counts, "count(b."+sqlite.Quote(col.was)+")")
	}
	return c.Query(func(s *sqlite.Stmt) error {
		for i, col := range part {
			col.values = s.Int(i)
		}
		return nil
	}, "SELECT "+strings.Join(counts, ", ")+from)
}

// compareSome compares some of the columns.
func compareSome(c *sqlite.Conn, part []*column, names []string, from string) error {
	var differ []string
	for _, col := range part {
		differ = append(differ, "b."+sqlite.Quote(col.was)+" IS NOT a."+sqlite.Quote(col.is))
	}
	if len(names)+len(part) > 1900 { // https://sqlite.org/limits.html#max_column: only the own ones
		names = nil
		for i, col := range part {
			names, col.at, col.from = append(names, col.was), i, make([]int64, len(part))
		}
		for _, col := range part {
			col.names = names
		}
	}
	var selected []string
	for _, name := range names {
		selected = append(selected, "b."+sqlite.Quote(name))
	}
	for _, col := range part {
		selected = append(selected, "a."+sqlite.Quote(col.is))
	}
	old := make([]any, len(names))
	return c.Query(func(s *sqlite.Stmt) error {
		for i := range old {
			old[i] = s.Value(i)
		}
		for i, col := range part {
			col.see(old, s.Value(len(names)+i))
		}
		return nil
	}, "SELECT "+strings.Join(selected, ", ")+from+" WHERE "+strings.Join(differ, " OR "))
}

// counted takes over what was counted of the columns before, and reports whether it could.
func (p Pair) counted(part []*column) bool {
	for _, col := range part {
		i := slices.IndexFunc(p.Before.Columns, func(c Column) bool { return c.Name == col.was })
		if i < 0 {
			return false
		}
		col.values = p.Before.Columns[i].Types.Values()
	}
	return true
}
