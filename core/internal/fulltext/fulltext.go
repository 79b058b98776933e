// Package fulltext finds full-text tables that index the rows of another table
// (https://sqlite.org/fts5.html#external_content_tables), and tells whether they still fit
// them. Such a table knows the rows by their rowids only, so other rowids make it find
// other rows, and neither SQLite nor PRAGMA integrity_check says so.
//
// The idea: [Tables] lists them, [Table.Check] asks FTS5 itself, [Changes] and [Losses] know
// the statement that is to blame. FTS3 and FTS4 are not in
// the SQLite that is built in.
package fulltext

import (
	"cmp"
	"errors"
	"fmt"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Table is a full-text table with external content.
type Table struct {
	Name    string
	Content string // the table or view whose rows it indexes, as the statement has it; it may not exist
}

// Tables lists the full-text tables of the main database that have external content, in
// the order of their creation. It needs no tokenizer.
func Tables(c *sqlite.Conn) (list []Table, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		if v, _ := split.ReadVirtual([]byte(s.Text(1))); v.ExternalContent() != "" {
			list = append(list, Table{s.Text(0), v.ExternalContent()})
		}
		return nil
	}, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0 AND sql LIKE 'CREATE VIRTUAL%fts5%' ORDER BY rowid")
	return list, err
}

// ErrStale: the table does not fit the rows of its content.
var ErrStale = errors.New("does not match its content")

// Check compares the index with the rows of the content
// (https://sqlite.org/fts5.html#the_integrity_check_command). It writes nothing, but to
// SQLite it is an INSERT: c must be in a transaction that may write. Errors: [ErrStale]; a
// [*Broken] if the content, or a column of it, does not exist; one for which
// [catalog.CannotCompile] is true if only its application can read it.
func (t Table) Check(c *sqlite.Conn) error {
	err := c.Exec(fmt.Sprintf("INSERT INTO main.%s(%[1]s, rank) VALUES ('integrity-check', 1)", sqlite.Quote(t.Name)))
	if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Primary() == sqlite.Corrupt {
		return ErrStale
	}
	if catalog.CannotCompile(err) { // only a query says why
		return cmp.Or(t.unreadable(c), err)
	}
	return err
}

// Rebuild is the statement that indexes all rows of the content again
// (https://sqlite.org/fts5.html#the_rebuild_command).
func (t Table) Rebuild() string {
	return fmt.Sprintf("INSERT INTO %s(%[1]s) VALUES ('rebuild')", sqlite.Bare(t.Name))
}

// Stale is Check for one question. A table that is broken, or that cannot be checked here, is
// not stale.
func (t Table) Stale(c *sqlite.Conn) (bool, error) {
	err := t.Check(c)
	if _, broken := err.(*Broken); broken || catalog.CannotCompile(err) {
		return false, nil
	}
	if err == ErrStale {
		return true, nil
	}
	return false, err
}

// Misfit says that the table does not fit its content after a migration.
func (t Table) Misfit() string {
	return fmt.Sprintf("the full-text table %s no longer matches its content %s, whose rows got other rowids or texts", t.Name, t.Content)
}

// Prevention is what to do so that rows keep their rowids.
const Prevention = "keep the rowids with an INTEGER PRIMARY KEY as its content_rowid"

// keepsRowids reports whether the content has an INTEGER PRIMARY KEY, or is no table.
func (t Table) keepsRowids(c *sqlite.Conn) (bool, error) {
	sql, err := c.Text("SELECT coalesce(max(sql), '') FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", t.Content)
	d, ok := split.Define([]byte(sql))
	return !ok || d.Rowid() != "", err
}
