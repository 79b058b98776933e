package quoted

import (
	"fmt"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Say returns the finding for a name that SQLite takes for a string, at the place where
// in a statement: "here", "in the view v".
func Say(c *sqlite.Conn, statement []byte, name, where string) finding.Finding {
	grave, why := weigh(statement)
	if near, ok := Near(name, Columns(c, statement)); ok {
		grave = true
		if strings.EqualFold(near.Name, name) {
			why += fmt.Sprintf(": %s has a column of that name, but it cannot be read here", near.Table)
		} else {
			why += fmt.Sprintf(": did you mean %s of %s?", sqlite.Quote(near.Name), near.Table)
		}
	}
	f := finding.New(finding.QuotedName, "there is no column %s %s, so SQLite takes it for the string %s%s", sqlite.Quote(name), where, sqlite.String(name), why)
	if !grave {
		f.Level = finding.Note
	}
	return f
}

// weigh says whether such a name is serious in a statement, in any place, and what it
// leads to.
func weigh(statement []byte) (grave bool, why string) {
	has := func(word string) bool { return split.Find(statement, word) >= 0 }
	begins := func(word string) bool { return split.Begins(statement, word) }
	if _, ok := split.Index(statement); ok {
		return true, ", and every later RENAME COLUMN and DROP COLUMN in the database fails"
	}
	if _, ok := split.DeferredObject(statement); ok {
		return false, ", which other builds of SQLite cannot read"
	}
	switch {
	case begins("INSERT"), begins("REPLACE"), begins("WITH") && has("INSERT"):
		grave = has("SELECT") || has("UPDATE") // ON CONFLICT DO UPDATE
	case begins("CREATE"): // TABLE ... AS
		grave = has("SELECT")
	default:
		grave = has("UPDATE") || has("DELETE")
	}
	if grave {
		why = ", for every row"
	}
	return grave, why
}
