package core

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// foreignKeys finds the violations that a migration adds. It looks only where
// the migration wrote, and at what was violated before only if it must: on a
// large database both are slow.
type foreignKeys struct {
	x       *execution
	scripts []*plan.Script
	touched map[string]int // tables written to, in lower case, and how many scripts there were then
	changed bool           // a table was dropped, altered or created
	renamed []renamed
	late    bool // the check is for the end of the transaction alone

	knowing bool     // what there was before is asked when a transaction begins
	known   *orphans // that; nil if it was not asked
	tables  lineage
	left    []unchecked // tables whose keys each could not check
}

// renamed is a table that got a name at a byte of the script.
type renamed struct {
	to string
	at int
	by *plan.Script
}

// violated is the failure of a check. What it found may have been there before,
// if there was anything of the kind; nil: that was looked for.
type violated struct {
	error
	before func(*sqlite.Conn) (bool, error)
}

func (e *violated) Unwrap() error { return e.error }

// begin forgets what an earlier transaction did.
func (f *foreignKeys) begin() (err error) {
	f.touched, f.changed, f.known = map[string]int{}, false, nil
	f.tables.begin()
	if f.knowing {
		f.known, err = known(f.x.c)
	}
	return err
}

func (f *foreignKeys) touch(table string, code int) {
	switch code {
	case sqlite.ActDropTable, sqlite.ActAlterTable, sqlite.ActCreateTable, sqlite.ActDropIndex:
		f.changed = true
		f.tables.touch(strings.ToLower(table), code)
	}
	if now := len(f.scripts); f.touched[table] != now {
		f.touched[table], f.touched[strings.ToLower(table)] = now, now
	}
}

// rename notes that the next statement gives a table the name to.
func (f *foreignKeys) rename(to string, at int) {
	f.tables.next = strings.ToLower(to)
	f.touched[to], f.touched[strings.ToLower(to)], f.changed = len(f.scripts), len(f.scripts), true
	if !f.x.unchecked() {
		f.renamed = append(f.renamed, renamed{to, at, f.x.s})
	}
}

// violation is a row without its parent, or a foreign key that refers to nothing
// unique.
type violation struct {
	child  *child
	orphan *orphan
	values []any // that have no parent
}

// state is what it is for errors.Is.
func (v violation) state() error {
	if v.orphan.mismatch {
		return fault.ErrMismatch
	}
	return fault.ErrForeignKey
}

func (v violation) Error() string {
	key := v.child.keys[v.orphan.key]
	if v.orphan.mismatch {
		return fmt.Sprintf("foreign key mismatch - \"%s\" referencing \"%s\"", v.child.name, key.parent)
	}
	row := "a row"
	if v.child.rowid != "" {
		var values []string
		for i, c := range key.columns {
			values = append(values, v.child.columns[c].Name+" = "+sqlite.Literal(v.values[i]))
		}
		row = fmt.Sprintf("row %d (%s)", v.orphan.rowid, strings.Join(values, ", "))
	}
	return fmt.Sprintf("foreign key violated: %s of %s has no parent in %s", row, v.child.name, key.parent)
}

// check reports the first violation that was not there before.
func (f *foreignKeys) check() error {
	if len(f.touched) == 0 {
		return nil
	}
	return f.compare(f.concerned)
}

// checkAll is check for all tables.
func (f *foreignKeys) checkAll() error { return f.compare(everyTable) }

func everyTable(string, []string) bool { return true }

func (f *foreignKeys) compare(wanted func(table string, parents []string) bool) error {
	v, err := f.added(wanted)
	if err != nil {
		return err
	}
	if v == nil {
		f.x.partly(f.left)
		return nil
	}
	why := fault.Of(v.kind(), "%s", v.Error())
	if v.orphan.mismatch {
		key := v.child.keys[v.orphan.key]
		why = &fault.Reason{Key: fault.KeyMismatch, Name: key.parent, Detail: key.wants(), Err: why}
	}
	e := &violated{error: fault.New(f.culprit(v), why)}
	if f.known == nil {
		e.before = func(c *sqlite.Conn) (bool, error) {
			k, err := known(c)
			return len(k.of) > 0, err
		}
	}
	return e
}

// added finds the first violation that was not there before; nil if there is none.
func (f *foreignKeys) added(wanted func(table string, parents []string) bool) (first *violation, err error) {
	if f.known != nil {
		f.known.reset()
	}
	var l *search
	var of *child
	err = f.each(wanted, func(v violation) (err error) {
		if f.known != nil && of != v.child {
			of = v.child
			if l, err = f.search(of); err != nil {
				return err
			}
		}
		if l != nil {
			if was := l.take(v.orphan); was != nil && !was.charged {
				return nil
			}
		}
		first = &v
		return errStop
	})
	if err == errStop {
		err = nil
	}
	return first, err
}

// culprit names the last script that wrote to what a violation is about.
func (f *foreignKeys) culprit(v *violation) string {
	last := f.touched[strings.ToLower(v.child.name)]
	if v.orphan != nil {
		last = max(last, f.touched[strings.ToLower(v.child.keys[v.orphan.key].parent)])
	}
	if last > 0 {
		return f.scripts[last-1].Name
	}
	return f.x.s.Name
}

// kind is the sentinel of a violation.
func (v *violation) kind() error {
	if k := v.child.keys[v.orphan.key]; k.acts && !v.orphan.mismatch {
		return fault.ErrCascade
	}
	return v.state()
}

var errStop = errors.New("stop")

// concerned reports whether the foreign keys of a table may have become
// violated: it was written to, or a parent was, or a parent is gone.
func (f *foreignKeys) concerned(table string, parents []string) bool {
	if f.touched[strings.ToLower(table)] > 0 {
		return true
	}
	for _, p := range parents {
		if f.touched[strings.ToLower(p)] > 0 {
			return true
		}
	}
	for _, p := range parents {
		if f.changed && !f.exists(p) {
			return true
		}
	}
	return false
}

func (f *foreignKeys) exists(table string) bool {
	n, err := f.x.c.Int("SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", table)
	return n > 0 || err != nil
}

// lost finds a table that refers to one that the migration renamed and then
// dropped, which makes it unusable even while it is empty.
func (f *foreignKeys) lost(table string, parents []string) error {
	for _, p := range parents {
		for _, r := range f.renamed {
			if strings.EqualFold(p, r.to) && !f.exists(p) {
				return r.by.At(r.at, fault.Of(fault.ErrForeignKey, "with this, %s came to refer to %s, which is gone: create the new table under another name, copy, drop the old one, and rename the new one last", table, p))
			}
		}
	}
	return nil
}

// each calls found for every violation in the tables that are wanted. Those that
// cannot be checked are left.
func (f *foreignKeys) each(wanted func(table string, parents []string) bool, found func(violation) error) error {
	c := f.x.c
	f.left = nil
	children, err := catalog.Children(c)
	if err != nil {
		return err
	}
	for _, t := range children {
		if err := f.lost(t.Name, t.Parents); err != nil {
			return err
		}
		if !wanted(t.Name, t.Parents) {
			continue
		}
		n, err := c.Int("SELECT count(*) FROM (SELECT 1 FROM pragma_foreign_key_check(?, 'main') LIMIT 1)", t.Name)
		var mismatch *sqlite.Error
		switch {
		case errors.As(err, &mismatch) && mismatch.Code == 1 && strings.HasPrefix(mismatch.Msg, "foreign key mismatch"):
		case catalog.Absent(err):
			f.left = append(f.left, unchecked{table: t.Name, what: "the foreign keys of", why: err.Error()})
			continue
		case err != nil:
			return err
		case n == 0:
			continue
		}
		table, err := readChild(c, t.Name)
		if err != nil {
			return err
		}
		if err := table.violations(c, mismatch, found); err != nil {
			return err
		}
	}
	return nil
}
