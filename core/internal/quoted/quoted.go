// Package quoted finds names in double quotes that SQLite takes for strings, as there is no
// such column (https://sqlite.org/quirks.html#dblquote): a typing error then fills a column
// with its own name.
//
// The invariants: a statement runs as SQLite itself would run it, and fails with the error
// that SQLite itself gives. That a name can be no string holds only while a statement
// compiles: ALTER TABLE compiles the whole schema again when it runs, with the old mistakes
// in it. A statement without double quotes costs nothing.
package quoted

import (
	"bytes"
	"errors"
	"slices"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// Compiler compiles the statements of one script. The zero value is ready.
type Compiler struct {
	Conn *sqlite.Conn

	text    []byte // that next is of
	next    int    // the first double quote behind the statements so far; its length if there is none
	inserts int    // how many INSERT ... VALUES had a string in double quotes
}

// Quotes is what a statement has in double quotes.
type Quotes int

const (
	None    Quotes = iota // nothing, or nothing that was looked at
	Names                 // names, as far as compiling it tells
	Strings               // a name that SQLite takes for a string
)

// enough is after how many INSERT ... VALUES with such strings others are compiled once
// only: a dump may have any number of them.
const enough = 4

// Compile compiles by prepare the statement that begins at the byte at of text, in which it
// ends before limit, and gives its end. Prepare may be called up to three times.
// Errors: those of prepare.
func (c *Compiler) Compile(text []byte, at, limit int, prepare func() (*sqlite.Stmt, int, error)) (s *sqlite.Stmt, end int, has Quotes, err error) {
	quote := c.quote(text, at)
	if quote >= limit {
		s, end, err = prepare()
		return s, end, None, err
	}
	often := c.inserts >= enough && isInsert(text[at:limit])
	if often || bytes.IndexByte(text[at:quote], ';') >= 0 { // where it ends, SQLite knows
		s, end, err = prepare()
		if err != nil || end <= quote || often && isValues(text[at:end]) || !mayRead(text[at:end]) {
			return s, end, None, err
		}
		s.Close()
	}
	c.Conn.WithoutQuotedStrings(func() { s, end, err = prepare() })
	var strict *sqlite.Error
	if !errors.As(err, &strict) || strict.Primary() != sqlite.Generic {
		return s, end, Names, err
	}
	if s, end, err = prepare(); err != nil || missing(strict) == "" || split.Begins(text[at:end], "EXPLAIN") {
		return s, end, Names, err
	}
	if isInsert(text[at:end]) && isValues(text[at:end]) {
		c.inserts++
	}
	return s, end, Strings, nil
}

// quote is the first double quote of text from the byte at, which is behind that of the
// last call for the same text; the length of text if there is none.
func (c *Compiler) quote(text []byte, at int) int {
	if len(text) == 0 || len(c.text) != len(text) || &c.text[0] != &text[0] {
		c.text, c.next = text, -1
	}
	if c.next < at {
		if c.next = len(text); at < len(text) {
			if n := bytes.IndexByte(text[at:], '"'); n >= 0 {
				c.next = at + n
			}
		}
	}
	return c.next
}

// mayRead reports whether a statement may have names of columns. To compile another one
// twice could count what it does twice, where an authorizer counts.
func mayRead(statement []byte) bool {
	return slices.ContainsFunc([]string{"SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "CREATE", "ALTER"},
		func(keyword string) bool { return split.Begins(statement, keyword) })
}

func isInsert(statement []byte) bool {
	return split.Begins(statement, "INSERT") || split.Begins(statement, "REPLACE")
}

// isValues reports whether an INSERT only has VALUES, and reads nothing. It may take a
// string with the word in it for a SELECT, and is quick.
func isValues(insert []byte) bool {
	const word = "select"
	for i := 0; i+len(word) <= len(insert); i++ {
		if insert[i]|' ' == 's' && insert[i+1]|' ' == 'e' && bytes.EqualFold(insert[i:i+len(word)], []byte(word)) {
			return false
		}
	}
	return true
}

// noColumn is what SQLite says of a column that does not exist.
var noColumn = regex.New(`(?s)^no such column: "(.*)" - should this be a string literal in single-quotes\?$`)

// missing is the name in double quotes that an error is about; "" if it is about another
// thing.
func missing(e *sqlite.Error) string {
	if m := noColumn.FindStringSubmatch(e.Msg); m != nil {
		return m[1]
	}
	return ""
}
