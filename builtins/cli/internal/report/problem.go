// The one shape of an error in --json, for every command and every kind of error.

package report

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/config"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/rehearse"
	"fastmigrate/starlark"
)

// Failure is the result of a command that failed.
type Failure struct {
	Database *string `json:"database"` // nil: not known yet, or a task has its own
	*core.Result
	Rehearsed []rehearse.Report `json:"rehearsed,omitempty"`
	Error     Problem           `json:"error"`            // the first of Errors
	Errors    []Problem         `json:"errors,omitempty"` // all those of a Fastmigratefile
}

// Problem is an error. Its first eight keys are always present; an unknown one is null.
// The others are present unless they are empty.
type Problem struct {
	Kind    string   `json:"kind"`    // one of builtins.Kinds
	Message string   `json:"message"` // without the facts in other keys
	File    *string  `json:"file"`    // name of the migration, otherwise path of the file
	Line    *int     `json:"line"`
	Column  *int     `json:"column"`
	Source  *string  `json:"source"` // the text of Line
	Hints   []string `json:"hints"`
	Version *int     `json:"version"` // of the database, after the failure

	Output string           `json:"output,omitempty"` // the last lines that a program printed
	Frames []starlark.Frame `json:"frames,omitempty"` // the calls in Starlark, innermost first
	Locals []starlark.Local `json:"locals,omitempty"` // of the innermost
}

// Found is the error of a command that succeeded and found problems; nil if it found
// none.
type Found struct {
	Error *Problem `json:"error,omitempty"`
}

// Err is the error that the command returns.
func (f Found) Err() error {
	if f.Error == nil {
		return nil
	}
	return Exit(1)
}

// Wrong is a [Found] without a place, for example with a count.
func Wrong(kind, message string, version int, hints []string) Found {
	return Found{&Problem{Kind: kind, Message: message, Version: versionOf(version), Hints: append([]string{}, hints...)}}
}

// known is v, or nil if it is the zero value.
func known[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// versionOf is a version of core, or nil if it is -1, unknown.
func versionOf(v int) *int {
	if v < 0 {
		return nil
	}
	return &v
}

// failure is err as --json prints it.
func (r *Reporter) failure(err error) Failure {
	f := Failure{Database: known(r.Names.DB), Rehearsed: rehearsed(err)}
	var m *RunError
	if errors.As(err, &m) {
		f.Result = &m.Result
	}
	if e := (*core.Error)(nil); errors.Is(err, fault.ErrNoPath) && errors.As(err, &e) { // it may hold a password
		f.Database = known(e.Path)
	}
	var list starlark.Errors
	if m != nil || !errors.As(err, &list) {
		f.Error = r.Problem(err)
		return f
	}
	f.Database, f.Errors = nil, Problems(list)
	if e := (*core.Error)(nil); errors.As(err, &e) {
		f.Database = known(e.Path)
	}
	f.Error = f.Errors[0]
	f.Error.Hints = append(f.Error.Hints, hint.Added(err)...)
	return f
}

// Problem is an error of a command.
func (r *Reporter) Problem(err error) Problem {
	e := r.cause(err)
	what := r.described(err, e)
	p := Problem{Kind: r.Kind(err), Message: what.Message, Hints: append([]string{}, r.names(err).For(err)...), Output: e.Output, Frames: what.Frames, Locals: what.Locals}
	p.At(e.File, e.Line, e.Column, e.Source)
	p.Version = versionOf(r.standing(e))
	if e.File == "" && !r.interrupted(err) { // then the message is a sentence
		p.Message = err.Error()
	}
	if c := (*config.Error)(nil); errors.As(err, &c) {
		p.Message = c.Err.Error()
		p.At(c.File, c.Line, c.Column, "")
	}
	return p
}

// standing is the version of the database after a failure; -1 if it cannot be read.
func (r *Reporter) standing(e *core.Error) int {
	if e.Version >= 0 || e.Path == "" {
		return e.Version
	}
	v, err := core.Version(context.WithoutCancel(r.Context), r.Names.DB, core.Options{LockTimeout: -1})
	if err != nil {
		return -1
	}
	return v
}

// Problems are the errors of a Fastmigratefile, or of a test.
func Problems(list starlark.Errors) (told []Problem) {
	for _, e := range list {
		p := Problem{Kind: e.Kind, Message: e.Message, Hints: append([]string{}, e.Hints()...), Output: e.Output, Frames: e.Frames, Locals: e.Locals}
		if len(e.Frames) > 0 {
			f := e.Frames[0]
			p.At(f.File, f.Line, f.Column, f.Source)
		}
		var c *core.Error
		if errors.As(e.Err, &c) {
			p.Version = versionOf(c.Version)
		}
		if f := e.Place; f != nil && f.File != "SQL" {
			p.At(f.File, f.Line, f.Column, f.Source)
			if c != nil && c.File != "" {
				p.File = &c.File
			}
		}
		told = append(told, p)
	}
	return told
}

// At notes a place.
func (p *Problem) At(file string, line, column int, source string) {
	p.File, p.Line, p.Column, p.Source = known(file), known(line), known(column), known(source)
}

// Kind is one of builtins.Kinds.
func (r *Reporter) Kind(err error) string {
	switch {
	case errors.As(err, new(hint.Usage)), errors.As(err, new(*config.Error)):
		return "usage"
	case errors.Is(err, hint.ErrUnconfirmed):
		return "denied"
	case r.interrupted(err):
		return "cancelled"
	}
	return builtins.Kind(err)
}

// asksJSON reports whether arguments that cannot be parsed contain --json, so that the
// error is printed as JSON.
func asksJSON(args []string) bool {
	for _, arg := range args {
		name, value, valued := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return false
		case name == "--json" && (!valued || slices.Contains([]string{"true", "yes", "1"}, strings.ToLower(value))):
			return true
		}
	}
	return false
}
