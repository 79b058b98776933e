package core

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
)

// Error is the error of every function that works on a database. It names the operation,
// the database, the place in the migration, and the cause.
type Error struct {
	Op      fault.Op
	Path    string // of the database, as it was given
	File    string // name of the migration; "" if no migration is involved
	Line    int    // in File, from 1; 0 if unknown
	Column  int    // in Line, in characters from 1; 0 if unknown
	Source  string // the text of Line
	Output  string // the last lines that the program File printed
	Shown   bool   // Options.Output already received them
	Version int    // of the database, read after the failure; -1 if unknown
	Kept    int    // the line up to which File stays applied, if it runs in steps; else 0
	Done    int64  // the rows that a backfill in File has changed; the next run resumes after them; else 0
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

// Is reports whether the cause is a state of package fault that SQLite reports only as
// text.
func (e *Error) Is(state error) bool { return fault.New(e.File, e.Err).Is(state) }

// As sets target, if it is a **[fault.Error], to this error without the operation and the
// database.
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

// Wrap turns *err into an [*Error] about the database at path, unless it is nil. It is
// the only place that builds an Error, for this package and those built on it. If *err is
// an Error already, Wrap replaces its operation and its database.
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

// States that a caller can act on, for [errors.Is]. Errors can also be fs.ErrNotExist,
// fs.ErrExist or fs.ErrPermission. Package [fastmigrate/core/fault] has more states.
var (
	ErrUnversioned = fault.ErrUnversioned // the database has no table _meta; it is never migrated
	ErrVersioned   = fault.ErrVersioned   // the database has a version, but must not have one
	ErrMeta        = fault.ErrMeta        // the table _meta does not hold one version
	ErrBusy        = fault.ErrBusy        // the database was locked for longer than Options.LockTimeout
	ErrNotDatabase = fault.ErrNotDatabase // the file is not an SQLite database
	ErrCorrupt     = fault.ErrCorrupt     // the database is damaged
	ErrReadOnly    = fault.ErrReadOnly    // the file system does not permit writing
	ErrRefused     = fault.ErrRefused     // the operation was not started because it would not be safe
	ErrInterrupted = fault.ErrInterrupted // an earlier run stopped in the middle of a migration: see package repair
	ErrForeignKey  = fault.ErrForeignKey  // a migration added rows that violate a foreign key
)
