package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
)

// exit is an exit status that needs no explanation.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// joined gives the errors that err joins, or err.
func joined(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		return list.Unwrap()
	}
	return []error{err}
}

// fail reports an error, if there is one, and gives the exit status.
//
// The rules of everything printed here: results go to stdout, all else to
// stderr; in lower case, without a period at the end. A hint is a guess at what
// to do next, and holds a command to type.
func (a *app) fail(err error) int {
	if err == nil {
		return 0
	}
	var status exit
	if errors.As(err, &status) {
		return int(status)
	}
	for _, e := range tasksErrors(err) {
		if e.Hint == "" {
			e.Hint = strings.Join(a.hints().WayOut(e.Err), "\n")
		}
		if e.Stack != "" && !a.Verbose {
			e.Hint = "this is a fault of fastmigrate; with -v it says more, which is worth a report"
		}
	}
	if a.JSON {
		a.report("", a.failure(err))
	}
	code, m, failed := 1, (*migrationError)(nil), starlark.Errors(nil)
	switch u := (hint.Usage{}); {
	case errors.As(err, &u):
		a.tell("fastmigrate: " + u.Error())
		code = 2
	case !errors.As(err, &m) && errors.As(err, &failed):
		return a.failTask(failed, hint.Added(err))
	default:
		e := a.cause(err)
		a.explain(err, e)
		if state := a.state(e, m); state != "" {
			a.tell(state)
		}
	}
	a.tellHints(a.hints().For(err))
	return code
}

// tasksErrors are those of a Fastmigratefile that err holds.
func tasksErrors(err error) (failed starlark.Errors) {
	errors.As(err, &failed)
	return failed
}

// cause is what core knows of an error.
func (a *app) cause(err error) *core.Error {
	e := &core.Error{Version: -1, Err: err}
	errors.As(err, &e)
	return e
}

// failTask is fail for what went wrong in a Fastmigratefile.
func (a *app) failTask(failed starlark.Errors, hints []string) int {
	for _, e := range failed {
		e.Write(a.err, a.show)
		if e.Stack != "" && a.Verbose {
			fmt.Fprintln(a.err, visible.Text(e.Stack))
		}
	}
	a.tellHints(hints)
	return 1
}

// hints are those that name what this command is about.
func (a *app) hints() hint.Context {
	return hint.Context{DB: a.db, Dir: a.dir, Command: a.command, Tool: a.Adopt.From, Atomic: a.RunMigrations.Atomic || a.Rehearse.Atomic, Options: a.options}
}

// interrupted reports whether err is what a signal to this program led to.
func (a *app) interrupted(err error) bool {
	return a.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(a)))
}

// explain prints what went wrong, and where.
func (a *app) explain(err error, e *core.Error) {
	if e.File == "" {
		if a.interrupted(err) {
			err = errors.New("interrupted")
		}
		for _, one := range joined(err) {
			a.tell("fastmigrate: " + one.Error())
		}
		if e.Source != "" { // of a migration that is not in a file yet
			a.tell("  " + e.Source)
		}
		return
	}
	what := a.described(err, e)
	what.Message = visible.Message(what.Message)
	what.Write(a.err, a.show)
}

// described is the error with its place, if that is in a migration, and the way there.
func (a *app) described(err error, e *core.Error) starlark.Error {
	what := starlark.Error{Message: e.Err.Error()}
	if a.interrupted(err) {
		what.Message = "interrupted"
	}
	if e.File == "" {
		return what
	}
	what.Output, what.Shown = e.Output, e.Shown
	what.Place = &starlark.Frame{File: filepath.Join(a.dir, e.File), Line: e.Line, Column: e.Column, Source: e.Source}
	if in := (starlark.Errors)(nil); errors.As(err, &in) && len(in[0].Frames) > 0 {
		if !a.interrupted(err) {
			what.Message = in[0].Error() // which may be several lines
		}
		what.Locals, what.Place.Width, what.Frames = in[0].Locals, in[0].Frames[0].Width, slices.Clone(in[0].Frames[1:]) // its hint is the last line
		for i := range what.Frames {
			what.Frames[i].File = filepath.Join(a.dir, what.Frames[i].File)
		}
	}
	return what
}

// state says in one sentence how the database stands.
func (a *app) state(e *core.Error, m *migrationError) string {
	switch {
	case m == nil, e.Version < 0 && e.File == "":
		return ""
	case e.Version < 0:
		return fmt.Sprintf("the version of %s cannot be read now", a.db)
	}
	if a.options.Rehearsal != nil {
		return fmt.Sprintf("%s was not touched; its copy came to version %d", a.db, e.Version)
	}
	if e.Kept > 0 {
		return fmt.Sprintf("%s is at version %d; %s stays applied up to line %d, and the next run goes on from there", a.db, e.Version, e.File, e.Kept)
	}
	if e.Done > 0 {
		return fmt.Sprintf("%s is at version %d; %s has changed %s so far, and the next run goes on from there", a.db, e.Version, e.File, count(int(e.Done), "row"))
	}
	switch n := m.result.Applied; len(n) {
	case 0:
		if e.Version != m.result.From {
			return fmt.Sprintf("%s is at version %d now; it was at version %d before", a.db, e.Version, m.result.From)
		}
		return fmt.Sprintf("%s is at version %d, as before", a.db, e.Version)
	case 1:
		return fmt.Sprintf("%s is at version %d; %04d stays applied", a.db, e.Version, n[0].Version)
	default:
		return fmt.Sprintf("%s is at version %d; %04d to %04d stay applied", a.db, e.Version, n[0].Version, n[len(n)-1].Version)
	}
}
