package fault

import "fmt"

// Error is an error in a migration: its place and its cause. [New] creates one.
type Error struct {
	File    string // name of the migration; "" if no migration is involved
	Line    int    // in File, from 1; 0 if unknown
	Column  int    // in Line, in characters from 1; 0 if unknown
	Source  string // the text of Line
	Output  string // the last lines that the program File printed
	Shown   bool   // Output was already shown
	Version int    // of the database, read after the failure; -1 if unknown
	Kept    int    // the line up to which File stays applied, if it runs in steps; else 0
	Done    int64  // the rows that a backfill in File has changed; the next run resumes after them; else 0
	Err     error  // the cause
}

// New returns an [Error] in a file, or outside of any file if file is "". Its Version is
// unknown, -1.
func New(file string, err error) *Error {
	return &Error{File: file, Version: -1, Err: err}
}

// AtVersion sets the version of the database after the failure, and returns e.
func (e *Error) AtVersion(version int) *Error {
	e.Version = version
	return e
}

// WithOutput sets the last lines that a program printed, and returns e.
func (e *Error) WithOutput(output string) *Error {
	e.Output = output
	return e
}

// Error returns "0003-phone.sql:7:12: no such table: nope".
func (e *Error) Error() string {
	switch {
	case e.File == "":
		return e.Err.Error()
	case e.Line == 0:
		return e.File + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the cause is a state that SQLite reports only as text.
func (e *Error) Is(state error) bool { return told(e.Err, state) }
