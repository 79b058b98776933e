// Where SQLite stopped reading a statement, for a caller that knows what people write
// who come from another database system.

package core

import (
	"errors"
	"regexp"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// unread are the messages of SQLite about a statement that it cannot read.
var unread = regexp.MustCompile(`(?s)^near ".*": syntax error|^unrecognized token: `)

// stopped adds to err, if SQLite could not read the statement, what is before and
// what is from the place where it stopped; of a long one, not all.
func stopped(refusal *sqlite.Error, statement []byte, err error) error {
	if refusal.Offset < 0 || refusal.Offset > min(len(statement), 1<<20) || !unread.MatchString(refusal.Msg) {
		return err
	}
	before, from := statement[:refusal.Offset], statement[refusal.Offset:]
	from = from[:min(len(from), 1000)]
	return &Reason{Key: Syntax, Name: split.Normal(before, words), Detail: split.Normal(from, words), err: err}
}

// plainer gives, instead of a refusal of the statement st, what SQLite cannot read in
// it or before it, if there is something: what is no SQL is easily taken for a
// transaction, or for a quote that does not end.
func (s *script) plainer(st split.Statement, refusal error) error {
	err := s.grammar(st.Start)
	var there, here *Error
	if !errors.As(err, new(*Reason)) || !errors.As(err, &there) || !errors.As(refusal, &here) {
		return refusal
	}
	if there.Line == here.Line && there.Column == here.Column {
		return refusal
	}
	return err
}
