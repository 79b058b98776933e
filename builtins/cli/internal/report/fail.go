// What is printed of an error.

package report

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

// joined gives the errors that err joins, or err.
func joined(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		return list.Unwrap()
	}
	return []error{err}
}

// End reports how the program ends, nil: well, and gives the exit status.
func (r *Reporter) End(err error) int {
	status := r.fail(err)
	if lost := r.stdout.err; status == 0 && lost != nil {
		return r.fail(fmt.Errorf("it is done, but what it printed is lost: %w", lost))
	}
	return status
}

// fail reports an error, if there is one, and gives the exit status.
//
// The rules of everything printed here: results go to stdout, all else to
// stderr; in lower case, without a period at the end. A hint is a guess at what
// to do next, and holds a command to type.
func (r *Reporter) fail(err error) int {
	if err == nil {
		return 0
	}
	var status Exit
	if errors.As(err, &status) {
		return int(status)
	}
	for _, e := range tasksErrors(err) {
		if e.Hint == "" {
			e.Hint = strings.Join(r.Names.WayOut(e.Err), "\n")
		}
		if e.Stack != "" && !r.Verbose {
			e.Hint = "this is a fault of fastmigrate; with -v it says more, which is worth a report"
		}
	}
	if u := (Unread{}); errors.As(err, &u) && asksJSON(u.Args) {
		r.JSON = true
	}
	if r.JSON {
		r.Report("", r.failure(err))
	}
	code, m, failed := 1, (*RunError)(nil), starlark.Errors(nil)
	switch u := (hint.Usage{}); {
	case errors.As(err, &u):
		r.Tell("fastmigrate: " + u.Error())
		code = 2
	case !errors.As(err, &m) && errors.As(err, &failed):
		return r.failTask(failed, hint.Added(err))
	default:
		e := r.cause(err)
		r.explain(err, e)
		if state := r.state(e, m); state != "" {
			r.Tell(state)
		}
	}
	r.tellHints(r.names(err).For(err))
	return code
}

// tasksErrors are those of a Fastmigratefile that err holds.
func tasksErrors(err error) (failed starlark.Errors) {
	errors.As(err, &failed)
	return failed
}

// cause is what core knows of an error.
func (r *Reporter) cause(err error) *core.Error {
	e := &core.Error{Version: -1, Err: err}
	errors.As(err, &e)
	return e
}

// failTask is fail for what went wrong in a Fastmigratefile.
func (r *Reporter) failTask(failed starlark.Errors, hints []string) int {
	for _, e := range failed {
		e.Write(r.Messages, r.Show)
		if e.Stack != "" && r.Verbose {
			fmt.Fprintln(r.Messages, visible.Text(e.Stack))
		}
	}
	r.tellHints(hints)
	return 1
}

// interrupted reports whether err is what a signal to this program led to.
func (r *Reporter) interrupted(err error) bool {
	return r.Context.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(r.Context)))
}

// explain prints what went wrong, and where.
func (r *Reporter) explain(err error, e *core.Error) {
	if e.File == "" {
		if r.interrupted(err) {
			err = errors.New("interrupted")
		}
		for _, one := range joined(err) {
			r.Tell("fastmigrate: " + one.Error())
		}
		if e.Source != "" { // of a migration that is not in a file yet
			r.Tell("  " + e.Source)
		}
		return
	}
	what := r.described(err, e)
	what.Message = visible.Message(what.Message)
	what.Write(r.Messages, r.Show)
}

// described is the error with its place, if that is in a migration, and the way there.
func (r *Reporter) described(err error, e *core.Error) starlark.Error {
	what := starlark.Error{Message: e.Err.Error()}
	if r.interrupted(err) {
		what.Message = "interrupted"
	}
	if e.File == "" {
		return what
	}
	what.Output, what.Shown = e.Output, e.Shown
	what.Place = &starlark.Frame{File: filepath.Join(r.names(err).Dir, e.File), Line: e.Line, Column: e.Column, Source: e.Source}
	if in := (starlark.Errors)(nil); errors.As(err, &in) && len(in[0].Frames) > 0 {
		if !r.interrupted(err) {
			what.Message = in[0].Error() // which may be several lines
		}
		what.Locals, what.Place.Width, what.Frames = in[0].Locals, in[0].Frames[0].Width, slices.Clone(in[0].Frames[1:]) // its hint is the last line
		for i := range what.Frames {
			what.Frames[i].File = filepath.Join(r.names(err).Dir, what.Frames[i].File)
		}
	}
	return what
}

// state says in one sentence how the database stands.
func (r *Reporter) state(e *core.Error, m *RunError) string {
	switch {
	case m == nil, e.Version < 0 && e.File == "":
		return ""
	case e.Version < 0:
		return fmt.Sprintf("the version of %s cannot be read now", r.Names.DB)
	}
	if m.Copy {
		return fmt.Sprintf("%s was not touched; its copy came to version %d", r.Names.DB, e.Version)
	}
	if e.Kept > 0 {
		return fmt.Sprintf("%s is at version %d; %s stays applied up to line %d, and the next run goes on from there", r.Names.DB, e.Version, e.File, e.Kept)
	}
	if e.Done > 0 {
		return fmt.Sprintf("%s is at version %d; %s has changed %s so far, and the next run goes on from there", r.Names.DB, e.Version, e.File, Count(int(e.Done), "row"))
	}
	switch n := m.Result.Applied; len(n) {
	case 0:
		if e.Version != m.Result.From {
			return fmt.Sprintf("%s is at version %d now; it was at version %d before", r.Names.DB, e.Version, m.Result.From)
		}
		return fmt.Sprintf("%s is at version %d, as before", r.Names.DB, e.Version)
	case 1:
		return fmt.Sprintf("%s is at version %d; %04d stays applied", r.Names.DB, e.Version, n[0].Version)
	default:
		return fmt.Sprintf("%s is at version %d; %04d to %04d stay applied", r.Names.DB, e.Version, n[0].Version, n[len(n)-1].Version)
	}
}

// Sentence is what End would print of an error, in one line.
func (r *Reporter) Sentence(err error) string {
	var e *core.Error
	if errors.As(err, &e) && e.File != "" {
		return filepath.Join(r.Names.Dir, e.File) + ": " + e.Err.Error()
	}
	if e != nil {
		return r.Names.DB + ": " + e.Err.Error()
	}
	return err.Error()
}
