package fault

import "fmt"

// Error is where in which migration something went wrong, and why.
type Error struct {
	File    string // name of the migration; "" if it is about none
	Line    int    // in File, from 1; 0 if unknown
	Column  int    // in Line, in characters from 1; 0 if unknown
	Source  string // the text of Line
	Output  string // the last lines that the program File printed
	Shown   bool   // they were shown before
	Version int    // of the database, read after the failure; -1 if unknown
	Kept    int    // line of File up to which it stays applied, where it runs in steps; else 0
	Done    int64  // rows that a backfill in File has changed, and the next run goes on after; else 0
	Err     error  // the cause
}

// New is where every Error begins: nothing is known of the version until somebody
// has read it.
func New(file string, err error) *Error {
	return &Error{File: file, Version: -1, Err: err}
}

// AtVersion notes the version of the database after the failure.
func (e *Error) AtVersion(version int) *Error {
	e.Version = version
	return e
}

// WithOutput notes the last lines of a program.
func (e *Error) WithOutput(output string) *Error {
	e.Output = output
	return e
}

// Error gives "0003-phone.sql:7:12: no such table: nope".
func (e *Error) Error() string {
	switch {
	case e.File == "":
		return e.Err.Error()
	case e.Line == 0:
		return e.File + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the cause is a state that SQLite tells only in words.
func (e *Error) Is(state error) bool { return told(e.Err, state) }
