package quoted

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Name is a name in double quotes that SQLite takes for a string.
type Name struct {
	Name   string
	Offset int // in the statement
}

// Find lists such names in a statement that was not run yet, each once, in their order.
func Find(c *sqlite.Conn, statement []byte) (found []Name) {
	defer func() { slices.SortFunc(found, func(a, b Name) int { return a.Offset - b.Offset }) }()
	text, quoted := bytes.Clone(statement), split.DoubleQuoted(statement)
	value := "''"
	if _, ok := split.Index(statement); ok { // in which a string is a name too
		value = "+0"
	}
	for range quoted { // SQLite names one at a time: what it has named becomes a value
		e := compileStrictly(c, string(text))
		if e == nil || missing(e) == "" {
			return found
		}
		at := slices.IndexFunc(quoted, func(q split.Quoted) bool { return q.Start == e.Offset })
		if at < 0 { // it is in a view or a trigger that the statement uses
			return found
		}
		q := quoted[at]
		if !contains(found, q.Name) {
			found = append(found, Name{q.Name, q.Start})
		}
		copy(text[q.Start:q.End], value+strings.Repeat(" ", q.End-q.Start-2))
	}
	return found
}

func contains(list []Name, name string) bool {
	for _, n := range list {
		if strings.EqualFold(n.Name, name) {
			return true
		}
	}
	return false
}

// compileStrictly returns the error that SQLite has for a statement if names in double
// quotes are never strings; nil if it has none.
func compileStrictly(c *sqlite.Conn, statement string) *sqlite.Error {
	var err error
	c.WithoutQuotedStrings(func() {
		var s *sqlite.Stmt
		if s, err = c.Prepare(statement); err == nil {
			s.Close()
		}
	})
	var e *sqlite.Error
	errors.As(err, &e)
	return e
}

// InAdded lists those in the column that a statement, which has run, added to a table.
func InAdded(c *sqlite.Conn, table string, statement []byte) []Name {
	sql, err := c.Text("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", table)
	if err != nil {
		return nil
	}
	start, end, _, ok := split.Table([]byte(sql))
	if !ok {
		return nil
	}
	return within(statement, Find(c, []byte(sql[:start]+"fastmigrate_other"+sql[end:])))
}

// InDeferred lists those in a view or a trigger; of a trigger only the first, as SQLite
// compiles it with a statement that fires it. An object that is gone, and one that cannot be
// compiled for another reason, has none.
func InDeferred(c *sqlite.Conn, d split.Deferred) (names []string) {
	sql, table := object(c, d)
	if d.Type == "trigger" {
		return inTrigger(c, sql, table)
	}
	if start, ok := split.Body([]byte(sql)); ok {
		for _, n := range Find(c, []byte(sql[start:])) {
			names = append(names, n.Name)
		}
	}
	return names
}

func inTrigger(c *sqlite.Conn, sql, table string) []string {
	var sets []string
	columns, _ := catalog.Columns(c, table)
	for _, column := range catalog.Ordinary(columns) {
		sets = append(sets, sqlite.Quote(column)+" = "+sqlite.Quote(column))
	}
	table = sqlite.Quote(table)
	for _, fires := range []string{"INSERT INTO " + table + " DEFAULT VALUES", "UPDATE " + table + " SET " + strings.Join(sets, ", "), "DELETE FROM " + table} {
		e := compileStrictly(c, fires)
		if e == nil || missing(e) == "" {
			continue
		}
		if in := within([]byte(sql), []Name{{missing(e), 0}}); in != nil { // else it is in another trigger
			return []string{in[0].Name}
		}
	}
	return nil
}

// Exists reports whether there is such a view or trigger.
func Exists(c *sqlite.Conn, d split.Deferred) bool {
	sql, _ := object(c, d)
	return sql != ""
}

// object reads the statement that made a view or a trigger, and its table; "" if there is
// none.
func object(c *sqlite.Conn, d split.Deferred) (sql, table string) {
	c.Query(func(s *sqlite.Stmt) error { // without it, there is nothing to find
		sql, table = s.Text(0), s.Text(1)
		return nil
	}, `SELECT sql, tbl_name FROM main.sqlite_schema WHERE type = ?1 AND name = ?2 COLLATE NOCASE
		UNION ALL SELECT sql, tbl_name FROM temp.sqlite_schema WHERE type = ?1 AND name = ?2 COLLATE NOCASE`, d.Type, d.Name)
	return sql, table
}

// within returns those of names that stand in a statement in double quotes, with their
// place there.
func within(statement []byte, names []Name) (found []Name) {
	for _, n := range names {
		for _, q := range split.DoubleQuoted(statement) {
			if strings.EqualFold(q.Name, n.Name) && !contains(found, q.Name) {
				found = append(found, Name{q.Name, q.Start})
			}
		}
	}
	return found
}
