// What is checked after a script that may have edited the schema table itself
// (https://sqlite.org/pragma.html#pragma_writable_schema): SQLite checks nothing of the
// kind, and a mistake leaves a database that no program can open.

package session

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// schemaEdit is what a transaction did to the schema table behind SQLite's back.
type schemaEdit struct {
	Expected      bool // one of several scripts makes the schema table writable
	writable      bool // the connection may have edited the schema table
	cookieSet     bool // the transaction set the schema's version
	cookieBefore  int64
	guardedBefore string   // the version table's part of the schema before
	damageBefore  []string // that there was before; nil if not looked for
}

// begin notes the schema before the transaction, and the damage if it is excused.
func (e *schemaEdit) begin(x *Session) (err error) {
	e.cookieSet, e.damageBefore = false, nil
	if x.Known != nil && !x.Script.Pragmas {
		return nil
	}
	if e.cookieBefore, err = x.Conn.Int("PRAGMA main.schema_version"); err != nil {
		return err
	}
	if !e.writable && !e.Expected && (x.Script == nil || !x.Script.WritesSchema) {
		return nil
	}
	if e.guardedBefore, err = guardedSchema(x.Conn); err == nil && x.Foreign.ExcuseExisting {
		e.damageBefore, err = Damage(x.Conn)
	}
	return err
}

// nextScript notes the version table before another script of the transaction: the
// history may have been created for the previous one.
func (e *schemaEdit) nextScript(x *Session) (err error) {
	if e.Expected {
		e.guardedBefore, err = guardedSchema(x.Conn)
	}
	return err
}

// guardedSchema is what the schema says of the tables that no script may change.
func guardedSchema(c *sqlite.Conn) (string, error) {
	return c.Text("SELECT json_group_array(json_array(type, name, tbl_name, rootpage, sql)) FROM (SELECT * FROM main.sqlite_schema WHERE lower(name) IN (?1, ?2) OR lower(tbl_name) IN (?1, ?2) ORDER BY name)",
		plan.Guarded[0], plan.Guarded[1])
}

// note takes down a PRAGMA of the script.
func (e *schemaEdit) note(a sqlite.Action) {
	switch name := strings.ToLower(a.Arg1); {
	case a.Arg2 == "":
	case name == "writable_schema":
		e.writable = true
	case name == "schema_version" && (a.Database == "" || a.Database == "main"):
		e.cookieSet = true
	}
}

// check has SQLite read the schema again, as every other program will, and check the
// whole database. Errors: [fault.ErrRefused], in a [excuse.Failure] if the damage may have
// existed before.
func (e *schemaEdit) check(x *Session) error {
	if !e.writable {
		return nil
	}
	refuse := func(why string) error {
		return fault.New(x.Script.Name, fault.Of(fault.ErrRefused, "the script would leave a damaged database: %s", why))
	}
	if err := rereadSchema(x.Conn); err != nil {
		if e := (*sqlite.Error)(nil); errors.As(err, &e) && (e.Primary() == sqlite.Corrupt || e.Code == 1) {
			return refuse(e.Msg)
		}
		return x.Diagnose(err)
	}
	now, err := guardedSchema(x.Conn)
	if err != nil {
		return x.Diagnose(err)
	}
	if now != e.guardedBefore {
		return fault.New(x.Script.Name, fault.Of(fault.ErrRefused, "the script edited the version table in the schema"))
	}
	odd, err := x.Conn.Text(internalTables)
	if err != nil {
		return x.Diagnose(err)
	}
	if odd != "" {
		return refuse("its table " + odd + " is not as SQLite creates it")
	}
	found, err := Damage(x.Conn)
	if err != nil {
		return x.Diagnose(err)
	}
	what := NewDamage(found, e.damageBefore)
	if what == "" {
		return nil
	}
	v := &excuse.Failure{Err: refuse(what)}
	if !x.Foreign.ExcuseExisting {
		v.ExistedBefore = func(c *sqlite.Conn) (bool, error) {
			lines, err := Damage(c)
			return len(lines) > 0, err
		}
	}
	return v
}

// internalTables names a table that SQLite makes for itself and uses unchecked, if its
// shape is another (https://sqlite.org/fileformat2.html#internal_schema_objects).
const internalTables = `SELECT coalesce(max(name), '') FROM main.sqlite_schema WHERE type = 'table' AND CASE name
	WHEN 'sqlite_sequence' THEN sql <> 'CREATE TABLE sqlite_sequence(name,seq)'
	WHEN 'sqlite_stat1' THEN sql <> 'CREATE TABLE sqlite_stat1(tbl,idx,stat)'
	WHEN 'sqlite_stat4' THEN sql <> 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)' END`

// NewDamage returns the first line of now that is not in before; "" if there is none.
func NewDamage(now, before []string) string {
	for _, line := range now {
		if !slices.Contains(before, line) {
			return line
		}
	}
	return ""
}

// rereadSchema makes the connection read the schema again, from the pages as the open
// transaction has left them.
func rereadSchema(c *sqlite.Conn) error {
	was, err := c.Int("PRAGMA writable_schema") // while it is on, damage is ignored
	if err != nil {
		return err
	}
	// Full-text tables write at the next savepoint what they still hold in memory.
	for _, sql := range []string{"SAVEPOINT " + plan.GuardSavepoint, "RELEASE " + plan.GuardSavepoint, "PRAGMA writable_schema = RESET"} {
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

// Damage lists what SQLite finds wrong with the main database; nil if nothing.
func Damage(c *sqlite.Conn) (found []string, err error) {
	found, _, err = file.Integrity(c, 10000)
	if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Primary() == sqlite.Corrupt {
		return append(found, e.Msg), nil
	}
	return found, err
}

// raiseCookie makes other connections, which only compare the schema's version, read the
// schema again.
func (e *schemaEdit) raiseCookie(x *Session) error {
	if !e.writable && !e.cookieSet {
		return nil
	}
	now, err := x.Conn.Int("PRAGMA main.schema_version")
	if err == nil && now <= e.cookieBefore {
		err = x.Conn.Exec("PRAGMA main.schema_version = " + strconv.FormatInt(e.cookieBefore+1, 10))
	}
	return x.Diagnose(err)
}
