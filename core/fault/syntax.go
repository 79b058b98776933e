// Where SQLite stopped reading a statement, for a caller that knows what people write
// who come from another database system.

package fault

import (
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
	return &Reason{Key: Syntax, Name: split.Normal(before, sqlite.Words), Detail: split.Normal(from, sqlite.Words), Err: err}
}
