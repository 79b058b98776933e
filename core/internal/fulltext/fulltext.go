// Package fulltext finds full-text tables that index the rows of another table
// (https://sqlite.org/fts5.html#external_content_tables), and tells whether they still fit
// them. Such a table knows the rows by their rowids only, so other rowids make it find
// other rows, and neither SQLite nor PRAGMA integrity_check says so.
//
// The idea: [Tables] lists them, [Table.Check] asks FTS5 itself. FTS3 and FTS4 are not in
// the SQLite that is built in.
package fulltext

import (
	"errors"
	"fmt"
	"strings"

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
		if content := contentOf(s.Text(1)); content != "" {
			list = append(list, Table{s.Text(0), content})
		}
		return nil
	}, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0 AND sql LIKE 'CREATE VIRTUAL%fts5%' ORDER BY rowid")
	return list, err
}

// contentOf gives the table that a CREATE VIRTUAL TABLE statement names as its content; ""
// if it is none of FTS5, or has its content itself or not at all. FTS5 knows an option by
// the first letters of its name, too.
func contentOf(statement string) string {
	v, ok := split.ReadVirtual([]byte(statement))
	if !ok || v.Module != "fts5" {
		return ""
	}
	for _, o := range v.Options {
		if strings.HasPrefix("content", o.Key) {
			return o.Value
		}
	}
	return ""
}

// ErrStale: the table does not fit the rows of its content.
var ErrStale = errors.New("does not fit its content")

// Check compares the index with the rows of the content
// (https://sqlite.org/fts5.html#the_integrity_check_command). It writes nothing, but to
// SQLite it is an INSERT: c has to be in a transaction that may write. Errors: [ErrStale];
// one for which [catalog.CannotCompile] is true if the content does not exist, or only its
// application can read it.
func (t Table) Check(c *sqlite.Conn) error {
	err := c.Exec(fmt.Sprintf("INSERT INTO main.%s(%[1]s, rank) VALUES ('integrity-check', 1)", sqlite.Quote(t.Name)))
	if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Primary() == sqlite.Corrupt {
		return ErrStale
	}
	return err
}

// Rebuild is the statement that indexes all rows of the content again
// (https://sqlite.org/fts5.html#the_rebuild_command).
func (t Table) Rebuild() string {
	return fmt.Sprintf("INSERT INTO %s(%[1]s) VALUES ('rebuild')", sqlite.Bare(t.Name))
}

// WhyUnchecked gives an error that says more than err, with which Check could not check the
// table: of a content that lacks the table or a column, only a query says so. It gives err
// itself if there is none.
func (t Table) WhyUnchecked(c *sqlite.Conn, err error) error {
	if why := c.Exec("SELECT * FROM main." + sqlite.Quote(t.Name) + " LIMIT 1"); catalog.CannotCompile(why) {
		return why
	}
	return err
}

// Stale is Check for one question. A table that cannot be checked here is not stale.
func (t Table) Stale(c *sqlite.Conn) (bool, error) {
	err := t.Check(c)
	if catalog.CannotCompile(err) {
		err = nil
	}
	if err == ErrStale {
		return true, nil
	}
	return false, err
}

// Misfit says that the table does not fit its content after a migration.
func (t Table) Misfit() string {
	return fmt.Sprintf("the full-text table %s no longer fits its content %s, whose rows got other rowids or texts", t.Name, t.Content)
}

// Prevention is what to do so that rows keep their rowids.
const Prevention = "keep the rowids by an INTEGER PRIMARY KEY that is its content_rowid"

// keepsRowids reports whether the content has an INTEGER PRIMARY KEY, or is no table.
func (t Table) keepsRowids(c *sqlite.Conn) (bool, error) {
	sql, err := c.Text("SELECT coalesce(max(sql), '') FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", t.Content)
	d, ok := split.Define([]byte(sql))
	return !ok || d.Rowid() != "", err
}
