// Names in double quotes that SQLite took for strings, as there is no such column
// (https://sqlite.org/quirks.html#dblquote): a typing error then fills a column with
// its own name. It may be intended, so the statement runs, with a warning.

package session

import (
	"bytes"
	"errors"
	"regexp"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// WarnQuoted warns, once for each script, of such a string in the statement of s between
// two bytes, which has just run.
func (x *Session) WarnQuoted(s *plan.Script, from, end int) {
	if x.quotedWarned || bytes.IndexByte(s.Text[from:end], '"') < 0 {
		return
	}
	name, offset := findMisquoted(x.Conn, s.Text[from:end])
	if name == "" {
		return
	}
	x.quotedWarned = true
	x.find(finding.New(finding.QuotedName, "there is no column %s here, and SQLite takes it for the string %s", sqlite.Quote(name), sqlite.String(name)), s, from+offset, from, end)
}

// noColumn is what SQLite says of a column that does not exist.
var noColumn = regexp.MustCompile(`^no such column: "?(.*?)"?(?: - should this be a string literal in single-quotes\?)?$`)

// findMisquoted finds the first name in a statement that is taken for a string: with
// names only, it does not compile. It gives "" if there is none.
func findMisquoted(c *sqlite.Conn, sql []byte) (name string, offset int) {
	if last := bytes.LastIndexByte(sql, '"'); isValues(sql[last+1:]) { // all of them name the table and its columns
		return "", 0
	}
	text := string(sql)
	index, isIndex := split.Index(sql)
	switch {
	case isIndex: // which is there already
		text = "SELECT " + strings.Join(index.Terms, ", ") + " FROM main." + sqlite.Quote(index.Table)
		if index.Where != "" {
			text += " WHERE " + index.Where
		}
	case !split.Begins(sql, "INSERT") && !split.Begins(sql, "UPDATE") && !split.Begins(sql, "DELETE") &&
		!split.Begins(sql, "SELECT") && !split.Begins(sql, "WITH") && !split.Begins(sql, "REPLACE"):
		return "", 0
	}
	var err error
	c.WithoutQuotedStrings(func() {
		var s *sqlite.Stmt
		if s, err = c.Prepare(text); err == nil {
			s.Close()
		}
	})
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return "", 0
	}
	m := noColumn.FindStringSubmatch(e.Msg)
	if m == nil {
		return "", 0
	}
	if isIndex || e.Offset < 0 {
		return m[1], max(0, split.Find(sql, m[1]))
	}
	return m[1], e.Offset
}

// isValues reports whether a word VALUES stands in text.
func isValues(text []byte) bool {
	for i := 0; i+6 <= len(text); i++ {
		if text[i]|' ' == 'v' && bytes.EqualFold(text[i:i+6], []byte("values")) {
			return true
		}
	}
	return false
}
