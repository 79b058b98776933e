// What follows a script that may have edited the schema table itself
// (https://sqlite.org/pragma.html#pragma_writable_schema): SQLite checks nothing
// of that, and a mistake makes a database that no program can open.

package session

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// schemaEdit is how far statements came by the checks of SQLite.
type schemaEdit struct {
	Expected bool // one of several scripts makes the schema table writable
	writable bool // the connection may have edited the schema table
	cookie   bool // the transaction set the schema's version
	began    int64
	guarded  string   // the version table's part of the schema before
	damage   []string // that there was before; nil if not looked for
}

// begin notes how the schema stands; with knowing also what is wrong before.
func (e *schemaEdit) begin(x *Session) (err error) {
	e.cookie, e.damage = false, nil
	if e.began, err = x.C.Int("PRAGMA main.schema_version"); err != nil {
		return err
	}
	if !e.writable && !e.Expected && (x.S == nil || !x.S.WritesSchema) {
		return nil
	}
	if e.guarded, err = guardedSchema(x.C); err == nil && x.Foreign.Knowing {
		e.damage, err = Damage(x.C)
	}
	return err
}

// next notes what the version table is before another script of the transaction: the
// history may have been made for the one before.
func (e *schemaEdit) next(x *Session) (err error) {
	if e.Expected {
		e.guarded, err = guardedSchema(x.C)
	}
	return err
}

// guardedSchema is what the schema says of the tables that no script may change.
func guardedSchema(c *sqlite.Conn) (string, error) {
	return c.Text("SELECT json_group_array(json_array(type, name, tbl_name, rootpage, sql)) FROM (SELECT * FROM main.sqlite_schema WHERE lower(name) IN (?1, ?2) OR lower(tbl_name) IN (?1, ?2) ORDER BY name)",
		plan.Guarded[0], plan.Guarded[1])
}

// see notes a PRAGMA of the script.
func (e *schemaEdit) see(a sqlite.Action) {
	switch name := strings.ToLower(a.Arg1); {
	case a.Arg2 == "":
	case name == "writable_schema":
		e.writable = true
	case name == "schema_version" && (a.Database == "" || a.Database == "main"):
		e.cookie = true
	}
}

// check has SQLite read the schema again, as every other program will, and look at
// all of the database. What was wrong before is not held against the script.
func (e *schemaEdit) check(x *Session) error {
	if !e.writable {
		return nil
	}
	refuse := func(why string) error {
		return fault.New(x.S.Name, fault.Of(fault.ErrRefused, "the script would leave a damaged database: %s", why))
	}
	if err := reread(x.C); err != nil {
		if e := (*sqlite.Error)(nil); errors.As(err, &e) && (e.Primary() == sqlite.Corrupt || e.Code == 1) {
			return refuse(e.Msg)
		}
		return x.Diagnose(err)
	}
	now, err := guardedSchema(x.C)
	if err != nil {
		return x.Diagnose(err)
	}
	if now != e.guarded {
		return fault.New(x.S.Name, fault.Of(fault.ErrRefused, "the script edited the version table in the schema"))
	}
	odd, err := x.C.Text(internalTables)
	if err != nil {
		return x.Diagnose(err)
	}
	if odd != "" {
		return refuse("its table " + odd + " is not as SQLite makes it")
	}
	found, err := Damage(x.C)
	if err != nil {
		return x.Diagnose(err)
	}
	what := NewDamage(found, e.damage)
	if what == "" {
		return nil
	}
	v := &Violated{error: refuse(what)}
	if !x.Foreign.Knowing {
		v.before = func(c *sqlite.Conn) (bool, error) {
			lines, err := Damage(c)
			return len(lines) > 0, err
		}
	}
	return v
}

// internalTables names a table that SQLite makes for itself, and does not look at
// before it uses it, if it has another shape (https://sqlite.org/fileformat2.html#internal_schema_objects).
const internalTables = `SELECT coalesce(max(name), '') FROM main.sqlite_schema WHERE type = 'table' AND CASE name
	WHEN 'sqlite_sequence' THEN sql <> 'CREATE TABLE sqlite_sequence(name,seq)'
	WHEN 'sqlite_stat1' THEN sql <> 'CREATE TABLE sqlite_stat1(tbl,idx,stat)'
	WHEN 'sqlite_stat4' THEN sql <> 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)' END`

// NewDamage is the first damage that was not there before; "" if there is none.
func NewDamage(now, before []string) string {
	for _, line := range now {
		if !slices.Contains(before, line) {
			return line
		}
	}
	return ""
}

// reread makes the connection forget the schema and read it from the pages as the
// open transaction has left them.
func reread(c *sqlite.Conn) error {
	was, err := c.Int("PRAGMA writable_schema") // while it is on, damage is ignored
	if err != nil {
		return err
	}
	// Full-text tables write at the next savepoint what they still hold in memory.
	for _, sql := range []string{"SAVEPOINT " + Guard, "RELEASE " + Guard, "PRAGMA writable_schema = RESET"} {
		if err := c.Exec(sql); err != nil {
			return err
		}
	}
	_, err = c.Int("SELECT count(*) FROM main.sqlite_schema")
	if err == nil && was != 0 {
		err = c.Exec("PRAGMA writable_schema = ON")
	}
	return err
}

// Damage lists what is wrong with the main database.
func Damage(c *sqlite.Conn) (found []string, err error) {
	found, _, err = file.Integrity(c, 10000)
	if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Primary() == sqlite.Corrupt {
		return append(found, e.Msg), nil
	}
	return found, err
}

// settle makes sure that other connections, which compare the schema's version
// only, read it again.
func (e *schemaEdit) settle(x *Session) error {
	if !e.writable && !e.cookie {
		return nil
	}
	now, err := x.C.Int("PRAGMA main.schema_version")
	if err == nil && now <= e.began {
		err = x.C.Exec("PRAGMA main.schema_version = " + strconv.FormatInt(e.began+1, 10))
	}
	return x.Diagnose(err)
}
