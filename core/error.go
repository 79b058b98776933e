package core

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
)

// Error is what the functions return that work on a database: what was done to which
// database, in which place of which migration it went wrong, and why.
type Error struct {
	Op      fault.Op
	Path    string // of the database, as it was given
	File    string // name of the migration; "" if it is about none
	Line    int    // in File, from 1; 0 if unknown
	Column  int    // in Line, in characters from 1; 0 if unknown
	Source  string // the text of Line
	Output  string // the last lines that the program File printed
	Shown   bool   // Options.Output received them before
	Version int    // of the database, read after the failure; -1 if unknown
	Kept    int    // line of File up to which it stays applied, where it runs in steps; else 0
	Done    int64  // rows that a backfill in File has changed, after which the next run resumes; else 0
	Err     error  // the cause
}

// Error returns "migrate app.db: 0003-phone.sql:7:12: no such table: nope".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Op, e.Path)
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the cause is a state of package fault that SQLite reports only in
// words.
func (e *Error) Is(state error) bool { return fault.New(e.File, e.Err).Is(state) }

// As sets a **[fault.Error] to the error without the operation and the database.
func (e *Error) As(target any) bool {
	f, ok := target.(**fault.Error)
	if ok {
		*f = e.place()
	}
	return ok
}

// place is the error without the operation and the database.
func (e *Error) place() *fault.Error {
	return &fault.Error{File: e.File, Line: e.Line, Column: e.Column, Source: e.Source, Output: e.Output, Shown: e.Shown,
		Version: e.Version, Kept: e.Kept, Done: e.Done, Err: e.Err}
}

// Wrap makes *err an [*Error] about the database at path, unless it is nil. It is the one
// place that builds an Error, for this package and those over it. An Error of an inner
// call gets the operation and the database of the outer one.
func Wrap(err *error, op fault.Op, path string) {
	if errors.Is(*err, fault.ErrNoPath) {
		path = filename.WithoutSecrets(path)
	}
	switch e := (*err).(type) {
	case nil:
	case *Error:
		e.Op, e.Path = op, path
	case *fault.Error:
		*err = &Error{op, path, e.File, e.Line, e.Column, e.Source, e.Output, e.Shown, e.Version, e.Kept, e.Done, e.Err}
	default:
		*err = &Error{Op: op, Path: path, Version: -1, Err: e}
	}
}

// What a caller can act on, for errors.Is. Beside these, the errors of package
// fs mean what they say: fs.ErrNotExist, fs.ErrExist, fs.ErrPermission. Package
// [fastmigrate/core/fault] has more of them.
var (
	ErrUnversioned = fault.ErrUnversioned // a database without the table _meta: it is never migrated
	ErrVersioned   = fault.ErrVersioned   // a database that has a version where one without is needed
	ErrMeta        = fault.ErrMeta        // the table _meta does not hold one version
	ErrBusy        = fault.ErrBusy        // locked for longer than Options.LockTimeout
	ErrNotDatabase = fault.ErrNotDatabase // something else than an SQLite database
	ErrCorrupt     = fault.ErrCorrupt     // a damaged database
	ErrReadOnly    = fault.ErrReadOnly    // the file system does not permit writing
	ErrRefused     = fault.ErrRefused     // what was not begun because it could not be safe
	ErrInterrupted = fault.ErrInterrupted // an earlier run ended in the middle: see package repair
	ErrForeignKey  = fault.ErrForeignKey  // a migration adds rows that violate a foreign key
)
