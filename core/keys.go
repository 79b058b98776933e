// Foreign keys that are violated, and which of them were not before.

package core

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// keys are the foreign keys of a database, beside what was violated before.
type keys struct {
	conn   *sqlite.Conn
	known  *orphans // what was violated before; nil if nobody asked
	tables lineage
	left   []uncheckedKeys // tables that each could not check
}

// uncheckedKeys is a table whose foreign keys cannot be checked here.
type uncheckedKeys struct {
	table string
	why   string // "no such collation sequence: unicase"
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

// kind is the sentinel of a violation.
func (v *violation) kind() error {
	if k := v.child.keys[v.orphan.key]; k.acts && !v.orphan.mismatch {
		return fault.ErrCascade
	}
	return v.state()
}

// everyTable wants them all.
func everyTable(string, []string) (bool, error) { return true, nil }

// added finds the first violation that was not there before, in the tables that are
// wanted; nil if there is none.
func (f *keys) added(wanted func(table string, parents []string) (bool, error)) (first *violation, err error) {
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
		return errFound
	})
	if err == errFound {
		err = nil
	}
	return first, err
}

var errFound = errors.New("found")

// each calls found for every violation in the tables that are wanted. Those that
// cannot be checked are left. An error of wanted or found ends it and is returned.
func (f *keys) each(wanted func(table string, parents []string) (bool, error), found func(violation) error) error {
	c := f.conn
	f.left = nil
	children, err := catalog.Children(c)
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
		case errors.As(err, &mismatch) && mismatch.Code == 1 && strings.HasPrefix(mismatch.Msg, "foreign key mismatch"):
		case catalog.Absent(err):
			f.left = append(f.left, uncheckedKeys{t.Name, err.Error()})
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
