// Package foreign finds rows that violate foreign keys, and tells those that a migration
// added from those that were there before.
//
// The idea: [ReadOrphans] before, [Keys.Added] after. A row keeps its identity when its
// table is renamed or rebuilt, which a [Lineage] follows. A violation counts as old only
// if its row does.
package foreign

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Keys checks the foreign keys of a database. Conn is needed; without Known, all
// violations count as added.
type Keys struct {
	Conn      *sqlite.Conn
	Children  *Children      // nil: they are read from the schema each time
	Only      map[string]int // with Children: only these tables are looked at, by their names in lower case, and those that refer to them; nil: all
	Known     *Orphans       // the violations before; nil if unknown
	Lineage   Lineage
	Unchecked []Unchecked // tables that each could not check
}

// Unchecked is a table whose foreign keys cannot be checked here.
type Unchecked struct {
	Table string
	Why   string // "no such collation sequence: unicase"
}

// Violation is a row without its parent, or a foreign key that refers to columns that
// are not unique.
type Violation struct {
	Child  *Child
	Orphan *Orphan
	values []any // that have no parent
}

// state is the state of the violation for errors.Is.
func (v Violation) state() error {
	if v.Orphan.Mismatch {
		return fault.ErrMismatch
	}
	return fault.ErrForeignKey
}

// Error returns "foreign key violated: row 7 (user = 3) of posts has no parent in users".
func (v Violation) Error() string {
	key := v.Child.Keys[v.Orphan.Key]
	if v.Orphan.Mismatch {
		return fmt.Sprintf("foreign key mismatch - \"%s\" referencing \"%s\"", v.Child.Name, key.Parent)
	}
	row := "a row"
	if v.Child.rowid != "" {
		var values []string
		for i, c := range key.Columns {
			values = append(values, v.Child.Columns[c].Name+" = "+sqlite.Literal(v.values[i]))
		}
		row = fmt.Sprintf("row %d (%s)", v.Orphan.rowid, strings.Join(values, ", "))
	}
	return fmt.Sprintf("foreign key violated: %s of %s has no parent in %s", row, v.Child.Name, key.Parent)
}

// Sentinel is the state of the violation in a migration: [fault.ErrCascade] if the
// foreign key has an action, which did not run.
func (v *Violation) Sentinel() error {
	if k := v.Child.Keys[v.Orphan.Key]; k.Acts && !v.Orphan.Mismatch {
		return fault.ErrCascade
	}
	return v.state()
}

// EveryTable has all tables checked.
func EveryTable(string, []string) (bool, error) { return true, nil }

// Added finds the first violation that was not there before, in the tables that are
// wanted; nil if there is none. A table is given by its name and the parents of its keys.
func (f *Keys) Added(wanted func(table string, parents []string) (bool, error)) (first *Violation, err error) {
	if f.Known != nil {
		f.Known.Reset()
	}
	var l *Search
	var of *Child
	err = f.Each(wanted, func(v Violation) (err error) {
		if f.Known != nil && of != v.Child {
			of = v.Child
			if l, err = f.Search(of); err != nil {
				return err
			}
		}
		if l != nil {
			if was := l.Take(v.Orphan); was != nil && !was.Charged {
				return nil
			}
		}
		first = &v
		return errFound
	})
	if err == errFound {
		err = nil
	}
	return first, err
}

var errFound = errors.New("found")

// children are the tables with foreign keys to check.
func (f *Keys) children() ([]catalog.Child, error) {
	if f.Children == nil {
		return catalog.Children(f.Conn)
	}
	if err := f.Children.renew(f.Conn); err != nil {
		return nil, err
	}
	if f.Only == nil {
		return f.Children.list, nil
	}
	return f.Children.concerning(f.Only), nil
}

// Each calls found for every violation in the tables that are wanted. It sets Unchecked
// to the tables that cannot be checked here. It returns the first error of wanted or
// found.
func (f *Keys) Each(wanted func(table string, parents []string) (bool, error), found func(Violation) error) error {
	c := f.Conn
	f.Unchecked = nil
	children, err := f.children()
	if err != nil {
		return err
	}
	for _, t := range children {
		if ok, err := wanted(t.Name, t.Parents); err != nil {
			return err
		} else if !ok {
			continue
		}
		n, err := c.Int("SELECT count(*) FROM (SELECT 1 FROM pragma_foreign_key_check(?, 'main') LIMIT 1)", t.Name)
		var mismatch *sqlite.Error
		switch {
		case errors.As(err, &mismatch) && mismatch.Code == sqlite.Generic && strings.HasPrefix(mismatch.Msg, "foreign key mismatch"):
		case catalog.CannotCompile(err):
			f.Unchecked = append(f.Unchecked, Unchecked{t.Name, err.Error()})
			continue
		case err != nil:
			return err
		case n == 0:
			continue
		}
		table, err := ReadChild(c, t.Name)
		if err != nil {
			return err
		}
		if err := table.violations(c, mismatch, found); err != nil {
			return err
		}
	}
	return nil
}
