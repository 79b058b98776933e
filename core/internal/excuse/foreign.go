package excuse

import (
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// ForeignKeys finds the violations that a migration adds. It looks only where the
// migration wrote, and at earlier violations only if it has to: on a large database both
// are slow.
type ForeignKeys struct {
	DB             *file.DB       // nil if only violations are looked for, with [foreign.Keys]
	Scripts        []*plan.Script // of the transaction, the last of which runs; at least one for the checks
	Permitted      bool           // all violations are
	ExcuseExisting bool           // violations that exist when a transaction begins are not reported
	foreign.Keys

	touched map[string]int  // by the table, in lower case: the number of the last script that wrote to it
	gone    bool            // a table was dropped or renamed
	there   map[string]bool // tables, in lower case, while a check looks for those that are gone; nil: not read
	renamed []renamed
}

// renamed is a table that got a name at a byte of the script.
type renamed struct {
	to string
	at int
	by *plan.Script
}

// Begin forgets what an earlier transaction did.
func (f *ForeignKeys) Begin() (err error) {
	f.touched, f.gone, f.Known = map[string]int{}, false, nil
	f.Lineage.Begin()
	if f.ExcuseExisting {
		f.Known, err = foreign.ReadOrphans(f.Conn)
	}
	return err
}

// Touch notes what the script that runs does to a table; code is that of a [sqlite.Action].
func (f *ForeignKeys) Touch(table string, code int) {
	switch code {
	case sqlite.ActDropTable, sqlite.ActAlterTable, sqlite.ActCreateTable, sqlite.ActDropIndex:
		f.gone = f.gone || code == sqlite.ActDropTable || code == sqlite.ActAlterTable
		f.Lineage.Touch(strings.ToLower(table), code)
		f.Children.Touch(table, code)
	}
	if now := len(f.Scripts); f.touched[table] != now {
		f.touched[table], f.touched[strings.ToLower(table)] = now, now
	}
}

// NoteRename says that the next statement, at a byte of the script, gives a table the
// name to.
func (f *ForeignKeys) NoteRename(to string, at int) {
	f.Lineage.NextName = strings.ToLower(to)
	f.touched[to], f.touched[strings.ToLower(to)], f.gone = len(f.Scripts), len(f.Scripts), true
	if s := f.script(); !f.Permitted && !s.Says.Unchecked {
		f.renamed = append(f.renamed, renamed{to, at, s})
	}
}

// script is the one that runs.
func (f *ForeignKeys) script() *plan.Script { return f.Scripts[len(f.Scripts)-1] }

// Check reports the first violation that was added, in a [Failure]; it looks at the
// tables that were written to, and at those that refer to them.
func (f *ForeignKeys) Check() error {
	if len(f.touched) == 0 {
		return nil
	}
	if !f.gone {
		f.Only = f.touched
		defer func() { f.Only = nil }()
	}
	f.there = nil
	return f.compare(f.concerned)
}

// CheckAll is Check for all tables.
func (f *ForeignKeys) CheckAll() error {
	return f.compare(func(string, []string) bool { return true })
}

func (f *ForeignKeys) compare(wanted func(table string, parents []string) bool) error {
	v, err := f.Added(func(table string, parents []string) (bool, error) {
		return wanted(table, parents), f.lostParent(table, parents)
	})
	if err != nil {
		return err
	}
	if v == nil {
		f.DB.WarnUnchecked(UncheckedTables(f.Unchecked))
		return nil
	}
	why := fault.Of(v.Sentinel(), "%s", v.Error())
	if v.Orphan.Mismatch {
		key := v.Child.Keys[v.Orphan.Key]
		why = &fault.Reason{Key: fault.KeyMismatch, Name: key.Parent, Detail: key.UniqueColumns(), Err: why}
	}
	e := &Failure{Err: fault.New(f.culprit(v), why)}
	if f.Known == nil {
		e.ExistedBefore = func(c *sqlite.Conn) (bool, error) {
			k, err := foreign.ReadOrphans(c)
			return len(k.Of) > 0, err
		}
	}
	return e
}

// culprit names the last script that wrote to what a violation is about.
func (f *ForeignKeys) culprit(v *foreign.Violation) string {
	last := f.touched[strings.ToLower(v.Child.Name)]
	if v.Orphan != nil {
		last = max(last, f.touched[strings.ToLower(v.Child.Keys[v.Orphan.Key].Parent)])
	}
	if last > 0 {
		return f.Scripts[last-1].Name
	}
	return f.script().Name
}

// concerned reports whether the foreign keys of a table may have become
// violated: it was written to, or a parent was, or a parent is gone.
func (f *ForeignKeys) concerned(table string, parents []string) bool {
	if f.touched[strings.ToLower(table)] > 0 {
		return true
	}
	for _, p := range parents {
		if f.touched[strings.ToLower(p)] > 0 {
			return true
		}
	}
	for _, p := range parents {
		if f.gone && !f.exists(p) {
			return true
		}
	}
	return false
}

// exists reports whether there is a table, as one query for all of a check has read them.
func (f *ForeignKeys) exists(table string) bool {
	if f.there == nil {
		names, err := f.Conn.Texts("SELECT name FROM main.sqlite_master WHERE type = 'table'")
		if err != nil {
			return true
		}
		f.there = map[string]bool{}
		for _, name := range names {
			f.there[strings.ToLower(name)] = true
		}
	}
	return f.there[strings.ToLower(table)]
}

// lostParent finds a table that refers to one that the migration renamed and then
// dropped, which makes it unusable even while it is empty.
func (f *ForeignKeys) lostParent(table string, parents []string) error {
	for _, p := range parents {
		for _, r := range f.renamed {
			if strings.EqualFold(p, r.to) && !f.exists(p) {
				return r.by.At(r.at, fault.Of(fault.ErrForeignKey, "with this, %s came to refer to %s, which is gone: create the new table under another name, copy, drop the old one, and rename the new one last", table, p))
			}
		}
	}
	return nil
}

// UncheckedTables lists the tables whose foreign keys could not be checked, for a
// warning.
func UncheckedTables(left []foreign.Unchecked) (list []file.Unchecked) {
	for _, u := range left {
		list = append(list, file.Unchecked{Table: u.Table, What: "the foreign keys of", Why: u.Why})
	}
	return list
}
