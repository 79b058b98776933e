package row

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Kinds are the kinds of errors, each with its meaning, so that a workflow never needs to
// look at the text of an error.
var Kinds = map[string]string{
	"not_found": "a file, backup or row does not exist",
	"busy":      "another process has locked the database for too long",
	"damaged":   "the file is not a database, or is damaged",
	"migration": "a migration failed, or must not run",
	"sql":       "SQLite refused a statement",
	"version":   "the database is unversioned, or versioned where it should not be",
	"denied":    "permission denied, or not confirmed",
	"failed":    "fail() was called, a program exited with a status other than 0, or any other failure",
	"usage":     "the call, or the file itself, is wrong",
	"cancelled": "interrupt or timeout",
	"internal":  "a bug in fastmigrate",
}

// Kind returns the kind of the error that ended a command.
func Kind(err error) string {
	var own *host.Error
	if !errors.As(err, new(*core.Error)) && errors.As(err, &own) {
		return own.Kind
	}
	return kind(err)
}

// kind is the kind of an error of package core.
func kind(err error) string {
	for _, k := range []struct {
		is   error
		kind string
	}{
		{context.Canceled, "cancelled"}, {context.DeadlineExceeded, "cancelled"},
		{core.ErrUnversioned, "version"}, {core.ErrVersioned, "version"}, {core.ErrMeta, "version"}, {fault.ErrHistory, "version"}, {fault.ErrRecord, "damaged"},
		{core.ErrBusy, "busy"}, {core.ErrNotDatabase, "damaged"}, {core.ErrCorrupt, "damaged"},
		{core.ErrReadOnly, "denied"},
	} {
		if errors.Is(err, k.is) {
			return k.kind
		}
	}
	var e *core.Error
	isCore := errors.As(err, &e)
	var refused interface{ Primary() int } // by SQLite, which told no place in the statement
	switch {
	case isCore && e.File == "SQL" && e.Op == "", !isCore && errors.As(err, &refused):
		return "sql"
	case isCore && (e.Op == fault.OpQuery || e.Op == fault.OpExecute) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
		return "sql"
	case isCore && (e.File != "" || errors.Is(err, fault.ErrDuplicate) || errors.Is(err, core.ErrRefused)):
		return "migration"
	case errors.Is(err, fs.ErrNotExist):
		return "not_found"
	case errors.As(err, new(*fs.PathError)), errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrExist):
		return "denied"
	}
	return "failed"
}

// Failure converts an error of package core, or of the system, to a [host.Error] with a
// kind, a place and a hint. It returns other errors unchanged.
func (c *Call) Failure(err error) error {
	var own *host.Error
	var called *starlark.EvalError // of a function that was given to this one
	if _, ok := err.(*core.Error); !ok && (errors.As(err, &own) || errors.As(err, &called)) {
		return err
	}
	e := &host.Error{Kind: kind(err), Message: err.Error(), Err: err}
	if c.Session.Err() != nil && e.Kind != "internal" {
		e.Kind = "cancelled"
	}
	var at *core.Error
	var file *fs.PathError
	switch {
	case errors.As(err, &at):
	case errors.As(err, &file):
		why := file.Err
		if e.Kind == "not_found" {
			why = errors.New("does not exist")
		}
		e.Message = fmt.Sprintf("%s: %s: %v", c.Builtin.Name, c.Session.Shown(file.Path), why)
	}
	if at != nil && at.File != "" {
		place := at.File
		if at.File != "SQL" {
			place = filepath.Join(c.migrations(c), at.File)
		}
		e.Place = &host.Frame{File: place, Line: at.Line, Column: at.Column, Source: at.Source}
		e.Message, e.Output, e.Shown = at.Err.Error(), at.Output, at.Shown
		if in := (host.Errors)(nil); errors.As(err, &in) { // of a migration in Starlark, whose way is not ours
			known := *at
			known.Err = errors.New(e.Message)
			if why := (*fault.Reason)(nil); errors.As(err, &why) {
				known.Err = why
			}
			e.Locals, e.Hint, e.Err = in[0].Locals, in[0].Hint, &known
			if len(in[0].Frames) > 0 {
				e.Place.Width = in[0].Frames[0].Width
			}
		}
		if at.Version >= 0 {
			e.State = fmt.Sprintf("%s is at version %d", c.Session.Shown(at.Path), at.Version)
		}
	}
	switch {
	case errors.Is(err, fault.ErrNoDatabase) && at != nil && at.Op != fault.OpRestore: // else it is the backup
		e.Hint = "create_db(path) creates a new database; is the path right?"
	case errors.Is(err, core.ErrForeignKey) && e.Hint == "":
		file := ""
		if at != nil {
			file = at.File
		}
		e.Hint = strings.Join(KeyHints(err, file, LaxKeys), "\n")
	case errors.Is(err, fault.ErrUnfinished):
		e.Hint = "create_db(path) first rolls it back, as everything that writes does"
	case errors.Is(err, fault.ErrEmpty):
		e.Hint = "create_db(path) makes it a database"
	case errors.Is(err, core.ErrUnversioned):
		e.Hint = "enroll_db(path) enrolls an existing database"
	case errors.Is(err, fault.ErrTaken):
		e.Hint = "if the application created it, rename it there and in the database: the version table has to be named _meta"
	case errors.Is(err, fault.ErrApart) && e.Hint == "":
		e.Hint = "without atomic, each is applied on its own"
	case errors.Is(err, core.ErrInterrupted):
		e.Hint = "check what it left behind; then fastmigrate resolve --completed, or --rolled-back"
	}
	return e
}
