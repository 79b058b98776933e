// What SQLite tells only in words. It has one result code for nearly all that can be
// wrong with a statement, so that its text has to be read: here and nowhere else, as
// SQLite wrote it, so that no name in a migration and no message of a program can be
// taken for it.

package core

import (
	"errors"
	"regexp"

	"fastmigrate/core/internal/sqlite"
)

// sayings are the texts of SQLite that are a state of this package.
var sayings = []struct {
	text  *regexp.Regexp
	state error
}{
	{regexp.MustCompile(`^duplicate column name: `), ErrColumn},
	{regexp.MustCompile(`(?s)^(table|view|index|trigger) .* already exists$|^there is already `), ErrExists},
	{regexp.MustCompile(`^foreign key mismatch - `), ErrMismatch},
	{regexp.MustCompile(`^foreign key mismatch - `), ErrForeignKey},
}

// told reports whether err is an error of SQLite whose text means state.
func told(err, state error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code != 1 { // raise() in a trigger has another
		return false
	}
	for _, w := range sayings {
		if w.state == state && w.text.MatchString(e.Msg) {
			return true
		}
	}
	return false
}
