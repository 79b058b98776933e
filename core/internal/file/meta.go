// The version of a database: the one row of the table _meta. The invariants: it is
// changed only from the version that is expected, and what is written is read back.

package file

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/tools"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/sqlite"
)

// CreateMeta makes the version table. It is to the letter the statement of the Python
// package, so that databases of both tools are the same.
const CreateMeta = `CREATE TABLE _meta (
                            id INTEGER PRIMARY KEY CHECK (id = 1),
                            version INTEGER NOT NULL DEFAULT 0
                        )`

// Version reads the version of a database whose _meta is as [CreateMeta] makes it.
// Errors: [fault.ErrUnversioned], [fault.ErrEmpty], [fault.ErrTaken], [fault.ErrMeta].
func (d *DB) Version(c *sqlite.Conn) (int, error) {
	t, err := history.FindTable(c, "_meta")
	if err != nil {
		return 0, d.Diagnose(err)
	}
	return d.VersionIn(c, t)
}

// VersionIn is [DB.Version] if _meta has been found, by [history.FindTables].
func (d *DB) VersionIn(c *sqlite.Conn, t history.Table) (int, error) {
	switch {
	case t.Kind == "" && files.Size(d.Path) == 0:
		return 0, fault.ErrEmpty
	case t.Kind == "":
		return 0, d.noVersion(c)
	}
	problem := t.Unlike("id", "id", "version")
	if problem == "" && len(t.Columns) > 2 {
		problem = "it has the columns " + strings.Join(t.Columns, ", ")
	}
	if problem != "" {
		return 0, taken(c, t, problem)
	}
	return d.storedVersion(c)
}

// noVersion is the error for a database without the version table.
func (d *DB) noVersion(c *sqlite.Conn) error {
	tables, err := c.Texts("SELECT tbl_name FROM main.sqlite_schema")
	if err != nil {
		return d.Diagnose(err)
	}
	for _, name := range tables {
		if program, err := tools.ReplicatorTable(c, name); err != nil {
			return d.Diagnose(err)
		} else if program == "" {
			return formerly(c)
		}
	}
	for _, q := range []string{"PRAGMA main.user_version", "PRAGMA main.application_id"} {
		if n, err := c.Int(q); err != nil {
			return d.Diagnose(err)
		} else if n != 0 {
			return formerly(c)
		}
	}
	return fault.Of(fault.ErrEmpty, "is an empty database without a version")
}

// storedVersion is [DB.Version] for a database whose _meta is known to be ours.
func (d *DB) storedVersion(c *sqlite.Conn) (int, error) {
	rows, version, problem := 0, 0, ""
	err := c.Query(func(s *sqlite.Stmt) error {
		rows++
		v, ok := s.Value(1).(int64)
		switch {
		case s.Int(0) != 1:
			problem = fmt.Sprintf("a row has the id %v", s.Value(0))
		case !ok || v < 0:
			problem = fmt.Sprintf("the version is %v", s.Value(1))
		}
		version = int(v)
		return nil
	}, "SELECT id, version FROM main._meta LIMIT 2")
	switch {
	case err != nil:
		return 0, d.Diagnose(err)
	case rows != 1:
		return 0, fault.Of(fault.ErrMeta, "%v: it has %s", fault.ErrMeta, []string{"no row", "", "several rows"}[rows])
	case problem != "":
		return 0, fault.Of(fault.ErrMeta, "%v: %s", fault.ErrMeta, problem)
	}
	return version, nil
}

// ErrVersionChanged: the version is no longer the one that a plan was made for, because
// another process was faster.
var ErrVersionChanged = errors.New("the version changed meanwhile")

// ExpectVersion reports [ErrVersionChanged] unless the database is at the version. It
// is for an open write transaction: before that took the lock, another process may have
// applied the same migration.
func (d *DB) ExpectVersion(c *sqlite.Conn, version int) error {
	now, err := d.Version(c)
	if err == nil && now != version {
		err = ErrVersionChanged
	}
	return err
}

// SetVersion changes the version. Errors: [ErrVersionChanged] if it is not from.
func (d *DB) SetVersion(c *sqlite.Conn, from, to int) error {
	now, err := d.storedVersion(c)
	if err == nil && now != from {
		err = ErrVersionChanged
	}
	if err != nil || from == to {
		return err
	}
	return c.Exec("UPDATE main._meta SET version = ? WHERE id = 1 AND version = ?", to, from)
}

// ConfirmVersion reports that the version is not what this transaction made it, since a
// trigger can undo what is written. It is the last check before the COMMIT. Errors:
// [fault.ErrRefused].
func (d *DB) ConfirmVersion(c *sqlite.Conn, version int) error {
	now, err := d.storedVersion(c)
	if err == nil && now != version {
		err = fault.Of(fault.ErrRefused, "its version was set to %d, but is %d%s", version, now, history.Triggers(c))
	}
	return err
}

// taken is the error for a _meta that is not ours, with the [fault.Reason] why it may
// not be possible to rename it here: RENAME does not take a view, and it needs all that
// the schema needs.
func taken(c *sqlite.Conn, t history.Table, problem string) error {
	err := fault.Of(fault.ErrTaken, "%v: %s", fault.ErrTaken, problem)
	switch t.Kind {
	case "view":
		return &fault.Reason{Key: fault.TakenView, Err: err}
	case "virtual table":
		if modules, _ := catalog.AbsentModules(c); modules["_meta"] != "" {
			return &fault.Reason{Key: fault.TakenAbsent, Name: modules["_meta"], Detail: "module", Err: err}
		}
	}
	absent, _ := catalog.AbsentCollation(c)
	if absent != "" {
		return &fault.Reason{Key: fault.TakenAbsent, Name: absent, Detail: "collation", Err: err}
	}
	return err
}

// formerly is the error for an unversioned database. It names the tool that migrated
// it, if there is one.
func formerly(c *sqlite.Conn) error {
	tool, table, err := tools.Former(c)
	if err != nil || tool == "" {
		return fault.ErrUnversioned
	}
	return &fault.Reason{Key: fault.FormerTool, Name: tool, Detail: table,
		Err: fault.Of(fault.ErrUnversioned, "%v, but %s, in which %s keeps its versions", fault.ErrUnversioned, table, tool)}
}

// VersionIfAny is [DB.Version], but -1 if the database is unversioned or its _meta does
// not hold one version.
func (d *DB) VersionIfAny(c *sqlite.Conn) (int, error) {
	version, err := d.Version(c)
	if errors.Is(err, fault.ErrUnversioned) || errors.Is(err, fault.ErrMeta) {
		return -1, nil
	}
	return version, err
}
