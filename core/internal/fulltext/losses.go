// Which full-text tables a migration may have left stale: those whose content lost its
// rowids. It costs nothing where that did not happen.

package fulltext

import (
	"maps"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Losses are the statements after which the rows of a table may have other rowids: it was
// dropped or renamed, and another may have got its name. What is not checked yet is kept
// from one transaction to the next. The zero value is ready.
type Losses struct {
	last    map[string]Loss // by the table, in lower case
	made    map[string]int  // by the full-text table, in lower case: how many losses preceded it
	excused map[string]bool // by the same: it was looked at, and was stale already
	count   int
}

// Loss is one statement of a script.
type Loss struct {
	Script *plan.Script
	At     int  // its first byte
	Vacuum bool // it is a VACUUM, which no transaction can undo
	number int  // from 1
}

// Add notes that a table lost its rowids.
func (t *Losses) Add(table string, l Loss) {
	if t.last == nil {
		t.last, t.made = map[string]Loss{}, map[string]int{}
	}
	t.count++
	l.number = t.count
	t.last[strings.ToLower(table)] = l
}

// AddVacuum notes for a VACUUM that the content of each full-text table lost its rowids,
// unless it has an INTEGER PRIMARY KEY (https://sqlite.org/lang_vacuum.html). It reports
// whether there is any.
func (t *Losses) AddVacuum(c *sqlite.Conn, l Loss) (some bool, err error) {
	l.Vacuum = true
	list, err := Tables(c)
	for _, f := range list {
		keeps, err := f.keepsRowids(c)
		if err != nil {
			return some, err
		}
		if !keeps {
			t.Add(f.Content, l)
			some = true
		}
	}
	return some, err
}

// Created notes that a virtual table is created: it does not index what was lost before.
func (t *Losses) Created(table string) {
	if t.count > 0 {
		t.made[strings.ToLower(table)] = t.count
	}
}

// of is the last loss of the content of f, or of any table if that is a view; its number
// is 0 if there is none since f was created.
func (t *Losses) of(f Table, view bool) (last Loss) {
	if last = t.last[strings.ToLower(f.Content)]; view {
		for l := range maps.Values(t.last) {
			if l.number > last.number {
				last = l
			}
		}
	}
	if last.number <= t.made[strings.ToLower(f.Name)] {
		return Loss{}
	}
	return last
}

// Stale returns the first full-text table that a loss left stale, with that loss; found
// is false if there is none. It then forgets the losses of tables that exist again. C is
// as for [Table.Check].
func (t *Losses) Stale(c *sqlite.Conn) (f Table, l Loss, found bool, err error) {
	if len(t.last) == 0 {
		return f, l, false, nil
	}
	list, err := Tables(c)
	if err != nil || len(list) == 0 {
		return f, l, false, err
	}
	for _, f := range list {
		content, ok, err := catalog.Find(c, f.Content)
		if err != nil {
			return f, l, false, err
		}
		l := t.of(f, content.Kind == "view")
		if !ok || l.number == 0 || t.excused[strings.ToLower(f.Name)] {
			continue
		}
		if stale, err := f.Stale(c); err != nil || stale {
			return f, l, stale, err
		}
	}
	for table := range t.last {
		_, ok, err := catalog.Find(c, table)
		if err != nil {
			return f, l, false, err
		}
		if ok {
			delete(t.last, table)
		}
	}
	return f, l, false, nil
}

// Excuse excuses the full-text tables that are stale now, if their content lost its rowids
// or the statement, which will run next, names it. C is as for [Table.Check].
func (t *Losses) Excuse(c *sqlite.Conn, statement []byte) error {
	list, err := Tables(c)
	for _, f := range list {
		content, _, err := catalog.Find(c, f.Content)
		if err != nil {
			return err
		}
		_, known := t.excused[strings.ToLower(f.Name)]
		view := content.Kind == "view"
		if known || !view && t.of(f, view).number == 0 && split.Find(statement, f.Content) < 0 {
			continue
		}
		stale, err := f.Stale(c)
		if err != nil {
			return err
		}
		t.excuse(f, stale)
	}
	return err
}

// Accept has f pass, whatever it indexes.
func (t *Losses) Accept(f Table) { t.excuse(f, true) }

func (t *Losses) excuse(f Table, stale bool) {
	if t.excused == nil {
		t.excused = map[string]bool{}
	}
	t.excused[strings.ToLower(f.Name)] = stale
}

// Refusal says, at its place, that l left f stale. It wraps [fault.ErrStaleText].
func (l Loss) Refusal(f Table) *fault.Error {
	when := "after it, in the same transaction"
	if l.Vacuum {
		when = "after it"
	}
	why := fault.Of(fault.ErrStaleText, "with this, %s: run %s %s, or %s", f.Misfit(), f.Rebuild(), when, Prevention)
	if len(l.Script.Text) == 0 { // it is no SQL
		return fault.New(l.Script.Name, why)
	}
	return l.Script.At(l.At, why)
}
