// From an error of the interpreter to one for a person, with places and causes.

package starlark

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"fastmigrate/starlark/internal/hint"
	"fastmigrate/starlark/internal/source"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// explain turns any error of the interpreter into errors that say where and why. s is
// the session that it ended, or nil before any ran.
func (f *File) explain(err error, s *Session) Errors {
	list := f.explained(err, s)
	for _, e := range list {
		e.mask(s)
	}
	return list
}

func (f *File) explained(err error, s *Session) Errors {
	var done Errors
	if errors.As(err, &done) {
		return done
	}
	if list := source.Problems(err); list != nil {
		for _, p := range list {
			e := &Error{Kind: "usage", Message: f.meant(p.Msg, list), Frames: f.frames(err, p.Pos), Err: err}
			e.Hint = f.hint(p.Msg, e.Frames[0])
			done = append(done, e)
		}
		return done
	}
	e := &Error{Kind: "usage", Message: err.Error()}
	if in := innermost(err); in != nil {
		e.Message = f.swappedField(in.Msg)
	}
	var own *Error
	if errors.As(err, &own) {
		*e = *own
	}
	e.Err = err
	e.Frames = f.frames(err)
	var known *framed
	if errors.As(err, &known) {
		e.Locals = known.locals
	}
	var given *broken
	if s != nil && s.Err() != nil && e.Kind != "internal" && !errors.As(err, &given) {
		// The interpreter says only that it was stopped, not why.
		*e = Error{Kind: "cancelled", Message: "interrupted", Frames: e.Frames, Locals: e.Locals, Err: context.Cause(s)}
		if why := (*Error)(nil); errors.As(e.Err, &why) {
			e.Kind, e.Message, e.Hint = why.Kind, why.Message, why.Hint
		}
	} else if own == nil && e.Hint == "" && len(e.Frames) > 0 { // in the words of the interpreter
		e.Hint = f.hint(e.Message, e.Frames[0])
	}
	return Errors{e}
}

// hint suggests a correction at a place.
func (f *File) hint(message string, at Frame) string {
	return f.names().For(message, at.Source, at.Column)
}

// names is the file as its hints see it.
func (f *File) names() hint.File { return hint.File{Has: f.predeclared.Has, Alone: f.o.Source != nil} }

// innermost is the error of the interpreter with the whole call stack.
func innermost(err error) (in *starlark.EvalError) {
	for e := (*starlark.EvalError)(nil); errors.As(err, &e); err = e.Unwrap() {
		in = e
	}
	return in
}

// meant is a message of the resolver with the name that was probably meant, of the
// file or predeclared.
func (f *File) meant(msg string, list []syntax.Error) string {
	text, known := strings.CutSuffix(msg, " (declare it using 'load')")
	name, undefined := strings.CutPrefix(text, "undefined: ")
	name, guess, _ := strings.Cut(name, " (did you mean ")
	if !undefined || known {
		return text
	}
	if f.names().Instead(name) != "" { // the hint says it
		return "undefined: " + name
	}
	guess = strings.TrimSuffix(guess, "?)")
	if guess == "" || slices.ContainsFunc(list, func(e syntax.Error) bool { return strings.HasPrefix(e.Msg+" ", "undefined: "+guess+" ") }) {
		guess = Nearest(name, slices.Concat(slices.Collect(maps.Keys(f.predeclared)), slices.Collect(maps.Keys(starlark.Universe))))
	}
	if guess == "" {
		return "undefined: " + name
	}
	return "undefined: " + name + ", did you mean " + guess + "?"
}

// frames are the places given, then the call stack of the interpreter's innermost
// error, innermost first.
func (f *File) frames(err error, at ...syntax.Position) []Frame {
	var list []Frame
	for _, pos := range at {
		list = append(list, f.frame(pos, ""))
	}
	var stack starlark.CallStack
	if in := innermost(err); in != nil {
		stack = in.CallStack
		// Arguments that do not fit are an error of the caller.
		if last := len(stack) - 1; last > 0 && strings.HasPrefix(in.Msg, "function "+stack[last].Name+" ") && stack[last-1].Pos.Line > 0 {
			stack = stack[:last]
		}
	}
	for _, c := range slices.Backward(stack) {
		if c.Pos.Filename() == "<builtin>" {
			continue
		}
		name := c.Name
		if name == "<toplevel>" {
			name = ""
		}
		list = append(list, f.frame(c.Pos, name))
	}
	return list
}

// frame is a place with the text of its line.
func (f *File) frame(pos syntax.Position, function string) Frame {
	fr := Frame{File: filepath.Join(f.o.Dir, pos.Filename()), Line: int(pos.Line), Column: int(pos.Col), Function: function}
	m := f.modules[pos.Filename()]
	if m == nil || fr.Line < 1 {
		return fr
	}
	lines := strings.Split(string(m.source), "\n")
	if fr.Line > len(lines) {
		return fr
	}
	fr.Source = strings.TrimRight(lines[fr.Line-1], "\r")
	if !utf8.ValidString(fr.Source) {
		fr.Source = strings.ToValidUTF8(fr.Source, "\uFFFD")
	}
	// The interpreter points to the operator; a person looks for the expression.
	if start, end, ok := source.Expression(m.source, pos); ok {
		fr.Line, fr.Column = int(start.Line), int(start.Col)
		fr.Source = strings.TrimRight(lines[fr.Line-1], "\r")
		if fr.Width = int(end.Col - start.Col); end.Line != start.Line {
			fr.Width = utf8.RuneCountInString(fr.Source) - fr.Column + 1
		}
	}
	return fr
}
