// Package directive reads what a migration says of itself in a comment in its first
// lines: "fastmigrate: isolated".
package directive

import (
	"bytes"
	"regexp"
)

var (
	isolated    = regexp.MustCompile(`(?m)^\s*#\s*fastmigrate:\s*isolated\s*$`)
	noKeysCheck = regexp.MustCompile(`(?im)^\s*(?:--|#)\s*fastmigrate:\s*no[ -]foreign[ -]keys?[ -]checks?\s*$`)
)

// NoForeignKeyCheck is the text of the comment in a .sql migration.
const NoForeignKeyCheck = "-- fastmigrate: no foreign key check"

// Isolated reports whether a program is to run on a private copy of the database.
func Isolated(text []byte) bool { return isolated.Match(head(text)) }

// Unchecked reports whether a migration may add rows that violate a foreign key.
func Unchecked(text []byte) bool { return noKeysCheck.Match(head(text)) }

// head is the first ten lines.
func head(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	at := 0
	for range 10 {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return text
		}
		at += n + 1
	}
	return text[:at]
}
