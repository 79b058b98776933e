// Indexes: two that are the same, and one that a foreign key needs.

package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"

	"fastmigrate/core/visible"
)

// index is what SQLite can look up rows by: an index of whole rows by columns alone, or a
// constraint for which it makes one.
type index struct {
	name    string // "" of a constraint
	text    string // for a person
	columns []string
	exact   bool // it sorts by nothing but the columns, each upwards and as it is compared anyway
}

// indexesOf lists those of a table.
func indexesOf(t *loss.Table, in loss.Content) (d split.Definition, list []index) {
	d, ok := split.Define([]byte(t.SQL))
	if !ok {
		return d, nil
	}
	for _, c := range d.Constraints {
		if c.Kind == split.Unique || c.Kind == split.PrimaryKey {
			list = append(list, index{"", fmt.Sprintf("the %v of table %s", c, t.Name), c.Columns, !slices.ContainsFunc(c.Collations, func(s string) bool { return s != "" }) && !c.Descending})
		}
	}
	for _, o := range in.Schema {
		if o.Type != "index" || !strings.EqualFold(o.Table, t.Name) {
			continue
		}
		x, ok := split.Index([]byte(o.SQL))
		if !ok || strings.Contains(strings.Join(x.Terms, ""), "(") {
			continue
		}
		whole := x.Where == ""
		if !whole && !ofAllKeys(x) {
			continue
		}
		terms, ok := split.Define([]byte("CREATE TABLE t (UNIQUE (" + strings.Join(x.Terms, ", ") + "))"))
		if !ok || len(terms.Constraints) != 1 {
			continue
		}
		c := terms.Constraints[0]
		plain := whole && split.Find([]byte(o.SQL), "DESC") < 0 && split.Find([]byte(o.SQL), "COLLATE") < 0
		list = append(list, index{o.Name, "index " + o.Name, c.Columns, plain})
	}
	return d, list
}

// ofAllKeys reports whether a partial index has all rows that a foreign key of its first column
// can be about: those in which that is not NULL (https://sqlite.org/partialindex.html).
func ofAllKeys(x split.Indexed) bool {
	if len(x.Terms) == 0 {
		return false
	}
	words := strings.Fields(x.Where)
	return len(words) == 4 && strings.EqualFold(split.Unquote(words[0]), split.Unquote(x.Terms[0])) && strings.EqualFold(strings.Join(words[1:], " "), "IS NOT NULL")
}

// changed lists the tables that are new or redefined, or have other indexes, with their
// earlier state.
func (m *Migration) changed() (list []loss.Pair) {
	was := map[string]string{} // the SQL of each index
	for _, o := range m.Before.Schema {
		if o.Type == "index" {
			was[o.Name] = o.SQL
		}
	}
	other := map[string]bool{} // tables with other indexes
	for _, o := range m.After.Schema {
		if o.Type == "index" && was[o.Name] != o.SQL {
			other[strings.ToLower(o.Table)] = true
		}
		delete(was, o.Name)
	}
	for _, o := range m.Before.Schema {
		if o.Type == "index" && was[o.Name] != "" {
			other[strings.ToLower(o.Table)] = true
		}
	}
	for _, p := range loss.Pairs(m.Before, m.After, m.Seen) {
		if p.After != nil && p.After.Root != 0 && (p.Before == nil || p.Redefined() || other[strings.ToLower(p.After.Name)]) {
			list = append(list, p)
		}
	}
	return list
}

// repeated finds indexes that are the same as others of their table.
func (m *Migration) repeated() (list []finding.Finding) {
	for _, p := range m.changed() {
		_, now := indexesOf(p.After, m.After)
		var was []index
		if p.Before != nil {
			_, was = indexesOf(p.Before, m.Before)
		}
		known := func(x index) bool {
			return slices.ContainsFunc(was, func(w index) bool {
				return w.name == x.name && (x.name != "" || slices.EqualFunc(w.columns, x.columns, strings.EqualFold))
			})
		}
		for i, x := range now {
			j := slices.IndexFunc(now[:i], func(y index) bool {
				return x.exact && y.exact && slices.EqualFunc(x.columns, y.columns, strings.EqualFold) && !(known(x) && known(y))
			})
			if j < 0 {
				continue
			}
			again, first := x, now[j]
			if known(x) && !known(first) && first.name != "" {
				again, first = first, x
			}
			at := m.statements(p.After.Name, "", sqlite.ActCreateTable)
			if again.name != "" {
				at = m.statements(p.After.Name, again.name, sqlite.ActCreateIndex)
			}
			list = append(list, m.at(finding.New(finding.RepeatedIndex, "%s repeats %s: (%s)", again.text, first.text, strings.Join(again.columns, ", ")), at))
		}
	}
	return list
}

// manyRows is how many rows of a child make it a warning that each must be read.
const manyRows = 10_000

// unindexed finds foreign keys without an index by which SQLite finds the children of a row
// (https://sqlite.org/foreignkeys.html#fk_indexes), unless they were there so before.
func (m *Migration) unindexed(ctx context.Context) (list []finding.Finding, err error) {
	for _, p := range m.changed() {
		d, now := indexesOf(p.After, m.After)
		var old split.Definition
		var was []index
		if p.Before != nil {
			old, was = indexesOf(p.Before, m.Before)
		}
		for _, c := range d.Constraints {
			if c.Kind != split.References || finds(&d, now, c) {
				continue
			}
			if slices.ContainsFunc(old.Constraints, func(o split.Constraint) bool {
				return o.Kind == split.References && m.sameColumns(p, c, o) && !finds(&old, was, o)
			}) {
				continue
			}
			f := finding.New(finding.UnindexedForeignKey, "the foreign key of %s (%s) to %s has no index", p.After.Name, strings.Join(c.Columns, ", "), c.Parent)
			if p.After.Rows < manyRows {
				f.Level = finding.Note
			}
			if p.After.Rows > 0 {
				f.Message += fmt.Sprintf(": deleting a row of %s reads all %s", c.Parent, visible.Count(p.After.Rows, "row"))
				if took, ok := m.measure(ctx, c.Parent); ok {
					f.Message += fmt.Sprintf(", which took %v here", max(took.Round(100*time.Microsecond), 100*time.Microsecond))
				}
			}
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			list = append(list, m.at(f, m.statements(p.After.Name, "", sqlite.ActCreateTable, sqlite.ActAlterTable, sqlite.ActDropIndex)))
		}
	}
	return list, nil
}

// finds reports whether the rows of a foreign key can be looked up: its columns are the first
// ones of an index, in any order, or the rowid.
func finds(d *split.Definition, list []index, c split.Constraint) bool {
	has := func(columns []string, name string) bool {
		return slices.ContainsFunc(columns, func(s string) bool { return strings.EqualFold(s, name) })
	}
	if id := d.Rowid(); id != "" && has(c.Columns, id) {
		return true
	}
	return slices.ContainsFunc(list, func(x index) bool {
		if len(x.columns) < len(c.Columns) {
			return false
		}
		first := x.columns[:len(c.Columns)]
		return !slices.ContainsFunc(c.Columns, func(name string) bool { return !has(first, name) })
	})
}

// sameColumns reports whether a foreign key after is of the columns of one before.
func (m *Migration) sameColumns(p loss.Pair, after, before split.Constraint) bool {
	return slices.EqualFunc(after.Columns, before.Columns, func(is, was string) bool {
		return strings.EqualFold(p.ColumnBefore(m.Seen, is), was)
	})
}

// measure deletes a row of a table with foreign keys enforced, and undoes that. Not ok: there
// is none, or it cannot be done here.
func (m *Migration) measure(ctx context.Context, parent string) (took time.Duration, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := sqlite.Open(ctx, m.Path, sqlite.ReadWrite, 0)
	if err != nil {
		return 0, false
	}
	defer c.Close()
	c.SetForeignKeys(true)
	name := "main." + sqlite.Quote(parent)
	id, err := c.Int("SELECT rowid FROM " + name + " LIMIT 1")
	if err != nil || c.Exec("SAVEPOINT lint") != nil {
		return 0, false
	}
	defer c.Exec("ROLLBACK TO lint")
	began := time.Now()
	err = c.Exec("DELETE FROM "+name+" WHERE rowid = ?", id)
	took = time.Since(began)
	if e := (*sqlite.Error)(nil); err != nil && (!errors.As(err, &e) || e.Code != sqlite.ForeignKey) { // to refuse it must find them too
		return 0, false
	}
	return took.Round(took / 100), true
}
