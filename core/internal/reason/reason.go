// Package reason asks the database itself why a statement failed: which values are not
// unique, which columns a foreign key wants ([AddDetail], before the open transaction is
// rolled back), whether a view was broken before ([AddHindsight], after it).
package reason

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// RerunLimit is the longest that a statement may have taken to be run again, to learn
// which rows it failed for.
const RerunLimit = time.Second

// AddDetail completes the [fault.Reason] in err, if there is one. With again, the statement
// may be run once more.
func AddDetail(c *sqlite.Conn, err error, statement []byte, again bool) {
	var why *fault.Reason
	if !errors.As(err, &why) || c.Autocommit() {
		return
	}
	switch why.Key {
	case fault.KeyMismatch:
		why.Detail = mismatchedColumns(c, why.Error())
	case fault.NotUnique:
		if said := describeDuplicates(c, statement, why.Detail, again); said != "" {
			why.Err = fault.Of(why.Err, "%v: %s", why.Err, said)
		}
	}
}

// mismatchedColumns returns the columns that a foreign key wants, of which SQLite names
// only the tables.
func mismatchedColumns(c *sqlite.Conn, message string) string {
	tables := regexp.MustCompile(`^foreign key mismatch - "(.*)" referencing "(.*)"$`).FindStringSubmatch(message)
	if tables == nil {
		return ""
	}
	t, err := foreign.ReadChild(c, tables[1])
	if err != nil {
		return ""
	}
	for _, k := range t.Keys {
		if bad, err := k.Mismatch(c); err == nil && bad && strings.EqualFold(k.Parent, tables[2]) {
			return k.UniqueColumns()
		}
	}
	return ""
}

// describeDuplicates says which values are not unique, and how many; "" if it cannot find
// out. what is the text in SQLite's message: "t.a, t.b", or "index 'i'".
func describeDuplicates(c *sqlite.Conn, statement []byte, what string, again bool) (said string) {
	if index, ok := split.Index(statement); ok {
		said, _ = findRepeated(c, index)
		return said
	}
	if !again || strings.HasPrefix(what, "index ") {
		return ""
	}
	c.Uninterrupted(func() error { return c.Exec("SAVEPOINT " + plan.GuardSavepoint) })
	defer c.Uninterrupted(func() error {
		return errors.Join(c.Exec("ROLLBACK TO "+plan.GuardSavepoint), c.Exec("RELEASE "+plan.GuardSavepoint))
	})
	said, _ = findRefusedRows(c, statement, what)
	return said
}

// findRepeated finds the values that occur more than once in the columns to index.
func findRepeated(c *sqlite.Conn, index split.Indexed) (said string, err error) {
	var values, where []string
	if index.Where != "" {
		where = append(where, "("+index.Where+")")
	}
	for i, term := range index.Terms {
		values = append(values, fmt.Sprintf("%s AS k%d", term, i))
		where = append(where, "("+term+") IS NOT NULL")
	}
	groups := ", k0"
	for i := range index.Terms[1:] {
		groups += fmt.Sprintf(", k%d", i+1)
	}
	err = c.Query(func(s *sqlite.Stmt) error {
		first := rowText(s, 2, len(index.Terms))
		if said = fmt.Sprintf("%s occurs %d times", first, s.Int(1)); s.Int(0) > 1 {
			said = fmt.Sprintf("%d values occur more than once, such as %s, %d times", s.Int(0), first, s.Int(1))
		}
		return nil
	}, fmt.Sprintf("WITH found AS MATERIALIZED (SELECT %s, count(*) AS n FROM main.%s WHERE %s GROUP BY %s HAVING n > 1) SELECT (SELECT count(*) FROM found), n%s FROM found ORDER BY n DESC LIMIT 1",
		strings.Join(values, ", "), sqlite.Quote(index.Table), strings.Join(where, " AND "), groups[2:], groups))
	return said, err
}

// rowText is n values of a row, from a column on.
func rowText(s *sqlite.Stmt, from, n int) string {
	var list []string
	for i := range n {
		list = append(list, sqlite.Literal(s.Value(from+i)))
	}
	if n == 1 {
		return list[0]
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// findRefusedRows runs the statement once more, without the rows that are not unique,
// and finds them: those that a trigger sees before they are written, and none
// after.
func findRefusedRows(c *sqlite.Conn, statement []byte, what string) (said string, err error) {
	ignoring, ok := split.OrIgnore(statement)
	columns := strings.Split(what, ", ")
	table, _, named := strings.Cut(columns[0], ".")
	if !ok || !named {
		return "", nil
	}
	var names, values, given []string
	for i, c := range columns {
		column, ok := strings.CutPrefix(c, table+".")
		if !ok {
			return "", nil
		}
		names = append(names, fmt.Sprintf("k%d", i))
		values = append(values, "new."+sqlite.Quote(column))
		given = append(given, fmt.Sprintf("k%d IS NOT NULL", i))
	}
	const log = "fastmigrate_rows"
	sql := []string{"CREATE TEMP TABLE " + log + "(" + strings.Join(names, ", ") + ")"}
	for _, change := range []string{"INSERT", "UPDATE"} {
		on := change + " ON main." + sqlite.Quote(table) + " BEGIN "
		sql = append(sql,
			"CREATE TEMP TRIGGER "+log+"_before_"+change+" BEFORE "+on+"INSERT INTO "+log+" VALUES ("+strings.Join(values, ", ")+"); END",
			"CREATE TEMP TRIGGER "+log+"_after_"+change+" AFTER "+on+"DELETE FROM "+log+" WHERE rowid = (SELECT max(rowid) FROM "+log+"); END")
	}
	for _, s := range append(sql, ignoring) {
		if err := c.Exec(s); err != nil {
			return "", err
		}
	}
	err = c.Query(func(s *sqlite.Stmt) error {
		if said = rowText(s, 1, len(columns)) + " already exists"; s.Int(0) > 1 {
			said = fmt.Sprintf("%d rows have values that already exist, such as %s", s.Int(0), rowText(s, 1, len(columns)))
		}
		return nil
	}, fmt.Sprintf("SELECT count(*) OVER (), %s FROM temp.%s WHERE %s ORDER BY rowid LIMIT 1", strings.Join(names, ", "), log, strings.Join(given, " AND ")))
	return said, err
}

// AddHindsight completes the [fault.Reason] in err, if there is one, from the database
// after the failed migration was rolled back: a view that no longer works may have been
// broken before.
func AddHindsight(ctx context.Context, d *file.DB, err error) {
	var why *fault.Reason
	if !errors.As(err, &why) || why.Key != fault.Broken {
		return
	}
	c, err := d.OpenRead(ctx)
	if err != nil {
		return
	}
	defer c.Close()
	kind, name, _ := strings.Cut(why.Detail, " ")
	if n, err := c.Int("SELECT count(*) FROM main.sqlite_schema WHERE type = ? AND name = ?", kind, name); err != nil || n == 0 {
		return // the migration has made it
	}
	uses := []string{"SELECT * FROM main." + sqlite.Quote(name)}
	if kind == "trigger" {
		table, err := c.Text("SELECT tbl_name FROM main.sqlite_schema WHERE type = 'trigger' AND name = ?", name)
		if err != nil || table == "" {
			return
		}
		columns, err := catalog.Columns(c, table)
		if err != nil {
			return
		}
		column := append(catalog.Ordinary(columns), "")[0]
		on := "main." + sqlite.Quote(table)
		uses = []string{"DELETE FROM " + on, "INSERT INTO " + on + " DEFAULT VALUES", "UPDATE " + on + " SET " + sqlite.Quote(column) + " = NULL"}
	}
	for _, sql := range uses { // compiled, and not run
		s, err := c.Prepare(sql)
		if err != nil {
			why.Key = fault.BrokenBefore
			return
		}
		s.Close()
	}
}
