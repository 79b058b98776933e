// What test --all found.

package report

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/builtins"
	"fastmigrate/core"
	"fastmigrate/core/coretest"
	"fastmigrate/core/fault"
	"fastmigrate/starlark"
)

// Checked is a problem that test --all found, with its place and what to do.
func (r *Reporter) Checked(p coretest.Problem) *starlark.Error {
	e := &starlark.Error{Message: p.Message, Output: p.Output, Place: &starlark.Frame{File: filepath.Join(r.Names.Dir, p.File), Line: p.Line, Column: p.Column, Source: p.Source}}
	if in := (starlark.Errors)(nil); errors.As(p.Err, &in) && len(in[0].Frames) > 0 { // of a migration in Starlark
		e.Locals, e.Hint, e.Place.Width = in[0].Locals, in[0].Hint, in[0].Frames[0].Width
	}
	if errors.Is(p.Err, core.ErrForeignKey) {
		e.Hint = strings.Join(builtins.KeyHints(p.Err, p.File, builtins.LaxKeys), "\n")
	}
	if why := (*fault.Reason)(nil); errors.As(p.Err, &why) && slices.Contains([]fault.Key{fault.Collation, fault.Module, fault.UnknownFunction}, why.Key) {
		e.Hint = "if the application defines it: " + r.Names.On("fastmigrate rehearse") + " tries the pending migrations on a copy of a database that has it"
	}
	return e
}

// CheckedProblems are problems that test --all found.
func (r *Reporter) CheckedProblems(list []coretest.Problem) []Problem {
	told := []Problem{}
	for _, one := range list {
		e := r.Checked(one)
		p := Problem{Kind: "migration", Message: one.Message, Hints: append([]string{}, e.Hints()...), Output: one.Output, Locals: e.Locals}
		p.At(one.File, one.Line, one.Column, one.Source)
		told = append(told, p)
	}
	return told
}
