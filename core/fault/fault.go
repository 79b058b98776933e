package fault

import "fmt"

// Error is an error in a migration: where it is, and why. [New] makes one.
type Error struct {
	File    string // name of the migration; "" if the error is about none
	Line    int    // in File, from 1; 0 if unknown
	Column  int    // in Line, in characters from 1; 0 if unknown
	Source  string // the text of Line
	Output  string // the last lines that the program File printed
	Shown   bool   // Output was shown before
	Version int    // of the database, read after the failure; -1 if unknown
	Kept    int    // of a file in steps: the line up to which it stays applied; else 0
	Done    int64  // of a backfill: rows changed so far, after which the next run continues; else 0
	Err     error  // the cause
}

// New returns an Error about a file, or about none if file is "". Its Version is unknown.
func New(file string, err error) *Error {
	return &Error{File: file, Version: -1, Err: err}
}

// AtVersion sets the version of the database after the failure, and gives e.
func (e *Error) AtVersion(version int) *Error {
	e.Version = version
	return e
}

// WithOutput sets the last lines that a program printed, and gives e.
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

// Is reports whether the cause is a state that SQLite only tells in words.
func (e *Error) Is(state error) bool { return told(e.Err, state) }
