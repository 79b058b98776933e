// Package finding describes changes that a rehearsal finds and that the author of a
// migration may not have meant. Each finding has a code, which a comment in the migration
// can accept, and a level.
//
// The codes and the levels are an interface: they are in JSON, in comments of migrations
// and in settings of other programs, and do not change.
package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Code is the kind of a finding: see [Code.Means].
type Code string

const (
	Destructive         Code = "destructive"
	Values              Code = "values"
	Constraint          Code = "constraint"
	DataDependent       Code = "data-dependent"
	LongLock            Code = "long-lock"
	RepeatedIndex       Code = "repeated-index"
	UnindexedForeignKey Code = "unindexed-foreign-key"
	QuotedName          Code = "quoted-name"
	FTS                 Code = "fts"
)

// Codes lists all codes in the order of the documentation.
var Codes = []Code{Destructive, Values, Constraint, DataDependent, LongLock, RepeatedIndex, UnindexedForeignKey, QuotedName, FTS}

// Known reports whether there is such a code.
func (c Code) Known() bool { return slices.Contains(Codes, c) }

// Level says how serious a finding is.
type Level string

const (
	Warning Level = "warning" // someone must look at it
	Note    Level = "note"    // good to know
)

// Finding is one thing that a migration did.
type Finding struct {
	Code    Code   `json:"code"`
	Level   Level  `json:"level"`
	File    string `json:"file"`             // name of the migration
	Line    int    `json:"line,omitempty"`   // line of the statement, from 1; 0 if it is about no statement
	Column  int    `json:"column,omitempty"` // column in that line, in characters from 1; 0 if unknown
	Message string `json:"message"`          // what was found
	Why     string `json:"why"`              // why that matters, in a sentence
	Do      string `json:"do"`               // what to do

	// Accepted: a comment in the migration accepts it.
	Accepted bool `json:"accepted,omitempty"`
}

// Stands reports whether the finding is a warning that no comment accepts.
func (f Finding) Stands() bool { return f.Level == Warning && !f.Accepted }

// String returns "warning: table t is dropped with its 3 rows [destructive, line 4]".
func (f Finding) String() string {
	kind, line := string(f.Level), ""
	if f.Accepted {
		kind = "accepted"
	}
	if f.Line > 0 {
		line = fmt.Sprintf(", line %d", f.Line)
	}
	if f.Column > 0 {
		line += fmt.Sprintf(", column %d", f.Column)
	}
	return fmt.Sprintf("%s: %s [%s%s]", kind, f.Message, f.Code, line)
}

// New returns a warning with the texts of its code.
func New(code Code, format string, args ...any) Finding {
	said := about[code]
	return Finding{Code: code, Level: Warning, Message: fmt.Sprintf(format, args...), Why: said.why, Do: said.do}
}

// Means returns the meaning of the code in a few words.
func (c Code) Means() string { return about[c].means }

// about says what a code means, why it matters, and what to do.
var about = map[Code]struct{ means, why, do string }{
	Destructive: {"rows, tables, columns, indexes or triggers are gone",
		"Afterwards, the lost data exists only in a backup.",
		"Keep a copy of the data that is still needed, in a table or a backup."},
	Values: {"values changed, probably by mistake",
		"Afterwards, the previous values exist only in a backup.",
		"Look at the statement: does every column get its own values?"},
	Constraint: {"a table demands less of its rows",
		"SQLite no longer refuses such rows.",
		"Write it into the new CREATE TABLE; fastmigrate gen rebuild drafts a rebuild that keeps everything."},
	DataDependent: {"a UNIQUE or NOT NULL that only fits today's rows",
		"It succeeds with the rows of this copy, but fails on a database with a row that violates it, or here once there is one.",
		"Before that statement, repair such rows with an UPDATE or a DELETE."},
	LongLock: {"a statement that holds the lock for more than a second",
		"Applications cannot write to the database meanwhile, and give up after their lock timeout.",
		"Migrate when nobody writes, or in batches: a .star migration with backfill."},
	RepeatedIndex: {"an index that is the same as another",
		"Each INSERT, UPDATE and DELETE has to write both, and no query is faster for it.",
		"Drop one of the two."},
	UnindexedForeignKey: {"a foreign key for which SQLite reads the whole table",
		"Whenever a row of the parent is deleted or renumbered, SQLite reads all rows of the child.",
		"Create an index on the columns of the foreign key."},
	QuotedName: {"a name in double quotes that became a string",
		"SQLite treats a name in double quotes as a string if there is no such column.",
		"Correct the name, or write a string in single quotes."},
	FTS: {"a full-text index that does not match its table",
		"A search finds the wrong rows, or none.",
		"End the migration with INSERT INTO f(f) VALUES ('rebuild'), where f is the full-text table."},
}

// Accept returns the comment that accepts findings with these codes.
func Accept(codes ...Code) string {
	var names []string
	for _, c := range codes {
		names = append(names, string(c))
	}
	return "fastmigrate: accept " + strings.Join(names, ", ")
}
