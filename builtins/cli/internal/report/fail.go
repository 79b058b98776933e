// How errors are printed.

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

// joined returns the errors that err joins, or err itself.
func joined(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		return list.Unwrap()
	}
	return []error{err}
}

// End reports the error that ends the program, if any, and returns the exit status.
func (r *Reporter) End(err error) int {
	status := r.fail(err)
	if lost := r.stdout.err; status == 0 && lost != nil {
		return r.fail(fmt.Errorf("the command succeeded, but its output was lost: %w", lost))
	}
	return status
}

// fail reports an error, if there is one, and returns the exit status.
//
// The rules for everything printed here: results go to stdout, all else to stderr, in
// lower case and without a final period. A hint is a guess at what to do next, and
// contains a command to type.
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
			e.Hint = "this is a bug in fastmigrate; please report it, with the output of -v"
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

// tasksErrors are the errors of a Fastmigratefile in err.
func tasksErrors(err error) (failed starlark.Errors) {
	errors.As(err, &failed)
	return failed
}

// cause is the error of core in err, or one with err as its cause.
func (r *Reporter) cause(err error) *core.Error {
	e := &core.Error{Version: -1, Err: err}
	errors.As(err, &e)
	return e
}

// failTask is fail for errors of a Fastmigratefile.
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

// interrupted reports whether err is the result of a signal to this program.
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

// described is the error with its place and frames, if it is in a migration.
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

// state is one sentence about the version of the database.
func (r *Reporter) state(e *core.Error, m *RunError) string {
	switch {
	case m == nil, e.Version < 0 && e.File == "":
		return ""
	case e.Version < 0:
		return fmt.Sprintf("the version of %s cannot be read", r.Names.DB)
	}
	if m.Copy {
		return fmt.Sprintf("%s is unchanged; its copy reached version %d", r.Names.DB, e.Version)
	}
	if e.Kept > 0 {
		return fmt.Sprintf("%s is at version %d; %s stays applied up to line %d, and the next run resumes there", r.Names.DB, e.Version, e.File, e.Kept)
	}
	if e.Done > 0 {
		return fmt.Sprintf("%s is at version %d; %s has changed %s so far, and the next run resumes there", r.Names.DB, e.Version, e.File, Count(int(e.Done), "row"))
	}
	switch n := m.Result.Applied; len(n) {
	case 0:
		if e.Version != m.Result.From {
			return fmt.Sprintf("%s is at version %d; before, it was at version %d", r.Names.DB, e.Version, m.Result.From)
		}
		return fmt.Sprintf("%s is at version %d, as before", r.Names.DB, e.Version)
	case 1:
		return fmt.Sprintf("%s is at version %d; %04d stays applied", r.Names.DB, e.Version, n[0].Version)
	default:
		return fmt.Sprintf("%s is at version %d; %04d to %04d stay applied", r.Names.DB, e.Version, n[0].Version, n[len(n)-1].Version)
	}
}

// Sentence is the error as End would print it, in one line.
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
