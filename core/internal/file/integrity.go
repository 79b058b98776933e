// What is wrong with the pages, indexes and constraints of a database
// (https://sqlite.org/pragma.html#pragma_integrity_check). SQLite checks all of it, or
// nothing if a table needs a collation, function, module or tokenizer that only the
// application has: then each table is checked by itself.

package file

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// Unchecked is a table that cannot be checked completely here.
type Unchecked struct {
	Table string
	What  string // the part that was not checked: "the foreign keys of"; "" for all of it
	read  bool   // all its rows could be read, at least
	Why   string // "no such collation sequence: unicase"
}

// String returns "the table t was not checked, because only its application can do that:
// no such module: m".
func (u Unchecked) String() string {
	const alone = "because only its application can do that: "
	switch {
	case u.What != "":
		return fmt.Sprintf("%s the table %s were not checked, %s%s", u.What, u.Table, alone, u.Why)
	case u.read:
		return fmt.Sprintf("the table %s was read, but not checked, %s%s", u.Table, alone, u.Why)
	}
	return fmt.Sprintf("the table %s was not checked, %s%s", u.Table, alone, u.Why)
}

// Intact checks the whole database. Errors: [fault.ErrCorrupt] with the first damage, a
// [fault.Reason] if only indexes are damaged. It also gives the tables that cannot be
// checked here.
func (d *DB) Intact(c *sqlite.Conn) ([]Unchecked, error) {
	d.Watch.Phase("check")
	damage, left, err := Integrity(c, 1)
	if err == nil && damage != nil {
		err = fault.Of(fault.ErrCorrupt, "is damaged: %s", damage[0])
		if all, _, failed := Integrity(c, MaxProblems); failed == nil && OnlyIndexes(all) {
			err = &fault.Reason{Key: fault.IndexOnly, Err: err}
		}
	}
	return left, d.Diagnose(err)
}

// outOfStep matches what an integrity check reports about an index that lacks rows of
// its table, or has others (https://sqlite.org/pragma.html#pragma_integrity_check).
var outOfStep = regex.New(`^(?:row \d+ missing from|wrong # of entries in|rowid not at end-of-record for row \d+ of|row \d+ values differ from) index `)

// OnlyIndexes reports whether all damage, as [Integrity] lists it, is in indexes that
// REINDEX makes again from their tables. It is false if there is none.
func OnlyIndexes(damage []string) bool {
	return len(damage) > 0 && !slices.ContainsFunc(damage, func(line string) bool { return !outOfStep.MatchString(line) })
}

// WarnUnchecked logs a warning for each reason why tables were not checked.
func (d *DB) WarnUnchecked(list []Unchecked) {
	var reasons []string
	tables := map[string][]string{}
	for _, u := range list {
		if tables[u.Why] == nil {
			reasons = append(reasons, u.Why)
		}
		tables[u.Why] = append(tables[u.Why], strings.TrimSpace(u.What+" "+u.Table))
	}
	for _, why := range reasons {
		d.Log().Warn(fmt.Sprintf("%s: %s: not checked, because only its application can do that: %s", d.Name, naming.Few(tables[why]), why))
	}
}

// Integrity lists the problems of the main database, at most that many, and the tables
// that cannot be checked here. Damage is no error; errors are those of SQLite.
func Integrity(c *sqlite.Conn, most int) (damage []string, left []Unchecked, err error) {
	damage, err = IntegrityOf(c, fmt.Sprint(most))
	apart := catalog.CannotCompile(err)
	if err != nil && !apart {
		return damage, nil, err
	}
	tables, err := catalog.StoredTables(c)
	if apart {
		damage = nil
		tables = append(tables, catalog.StoredTable{Name: "sqlite_schema"}) // and the list of free pages
	}
	for _, t := range tables {
		if err != nil || len(damage) >= most {
			break
		}
		u := Unchecked{Table: t.Name}
		if apart {
			var found []string
			if found, err = IntegrityOf(c, sqlite.Quote(t.Name)); catalog.CannotCompile(err) {
				u.Why = lacks(c, t, err)
				u.read, err = readRows(c, t)
			}
			damage = append(damage, found...)
			if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Primary() == sqlite.Corrupt {
				damage, err = append(damage, "table "+t.Name+": "+e.Msg), nil
			}
		}
		if t.Virtual && err == nil {
			if s, e := c.Prepare("SELECT 1 FROM main." + sqlite.Quote(t.Name)); e == nil {
				s.Close()
			} else if catalog.CannotCompile(e) { // the module, without which SQLite checks nothing
				u.Why = e.Error()
			}
		}
		if u.Why != "" {
			left = append(left, u)
		}
	}
	return damage[:min(most, len(damage))], left, err
}

// IntegrityOf lists what is wrong with what: a table in quotes, or the whole database if
// it is a number, the largest number of problems.
func IntegrityOf(c *sqlite.Conn, what string) (damage []string, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		for line := range strings.Lines(s.Text(0)) {
			line = strings.TrimSpace(line)
			if line != "ok" && line != "" && !strings.HasPrefix(line, "*** in database") {
				damage = append(damage, line)
			}
		}
		return nil
	}, "PRAGMA main.integrity_check("+what+")")
	return damage, err
}

// lacks names what a table needs and SQLite here lacks, after a check failed with err.
// For a full-text table only a search tells it.
func lacks(c *sqlite.Conn, t catalog.StoredTable, err error) string {
	if t.Virtual {
		if e := c.Exec("SELECT 1 FROM main." + sqlite.Quote(t.Name) + "('x') LIMIT 1"); catalog.CannotCompile(e) && strings.HasPrefix(e.Error(), "no such ") {
			err = e
		}
	}
	return err.Error()
}

// readRows reads all rows of a table, without an index, and reports whether it can.
func readRows(c *sqlite.Conn, t catalog.StoredTable) (bool, error) {
	if t.Virtual { // its rows are in other tables
		return false, nil
	}
	all, err := catalog.Columns(c, t.Name)
	columns := catalog.Ordinary(all)
	if err != nil || len(columns) == 0 {
		return false, err
	}
	for i, name := range columns {
		columns[i] = sqlite.Quote(name)
	}
	sql := "SELECT " + strings.Join(columns, ", ") + " FROM main." + sqlite.Quote(t.Name)
	for _, how := range []string{" NOT INDEXED", ""} { // a table WITHOUT ROWID is an index itself
		if err = c.Query(func(*sqlite.Stmt) error { return nil }, sql+how); !catalog.CannotCompile(err) {
			return err == nil, err
		}
	}
	return false, nil
}

// MaxProblems is how many problems of one kind a check lists.
const MaxProblems = 100

// OneLine returns the text of an error with spaces for its line breaks.
func OneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", " ") }
