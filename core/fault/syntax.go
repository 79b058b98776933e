// Where SQLite stopped reading a statement, for a caller that knows the SQL of other
// database systems.

package fault

import (
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// unread matches the messages of SQLite about a statement that it cannot read.
var unread = regex.New(`(?s)^near ".*": syntax error|^unrecognized token: `)

// stopped wraps err in the [Reason] that SQLite could not read the statement, with the
// text before and after the place where it stopped; the latter may be cut.
func stopped(refusal *sqlite.Error, statement []byte, err error) error {
	if refusal.Offset < 0 || refusal.Offset > min(len(statement), 1<<20) || !unread.MatchString(refusal.Msg) {
		return err
	}
	before, from := statement[:refusal.Offset], statement[refusal.Offset:]
	from = from[:min(len(from), 1000)]
	return &Reason{Key: Syntax, Name: split.Normal(before, sqlite.Words), Detail: split.Normal(from, sqlite.Words), Err: err}
}
