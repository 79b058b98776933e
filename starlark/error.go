// What an error says. Nothing is told twice, and the innermost comes first: what
// happened, where, the way there, what the variables held, what to do.

package starlark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Error is one thing that went wrong in a file, or because of it. A builtin may
// return one, with a Kind, a Message and what else it knows; the host adds the
// frames.
type Error struct {
	// Kind tells errors apart for a workflow: failed (by fail, or a program's exit
	// status), usage (the file itself is wrong), cancelled, internal; and what
	// builtins add, such as busy.
	Kind    string `json:"kind"`
	Message string `json:"message"`

	// Hint guesses what to do. Empty: nothing comes to mind.
	Hint string `json:"hint,omitempty"`

	// Place is where it went wrong in a file that the workflow works with, as a
	// migration. Nil: it is about none.
	Place *Frame `json:"place,omitempty"`

	Output string  `json:"output,omitempty"` // the last lines that a program printed
	Frames []Frame `json:"frames,omitempty"` // the way there, innermost first
	Locals []Local `json:"locals,omitempty"` // of the innermost function, where they are known
	Stack  string  `json:"-"`                // of Go, for an internal error
	Err    error   `json:"-"`                // the cause; nil if there is none to ask
}

// Frame is a place in a file.
type Frame struct {
	File     string `json:"file"`
	Line     int    `json:"line"`               // from 1; 0 if unknown
	Column   int    `json:"column"`             // in characters from 1
	Width    int    `json:"width,omitempty"`    // of the expression in that line, in characters
	Function string `json:"function,omitempty"` // "" at the top level
	Source   string `json:"source,omitempty"`   // the text of the line
}

// Local is a variable and what it held.
type Local struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Error is the place, if it is in a file that the workflow works with, and the
// message.
func (e *Error) Error() string {
	if e.Place == nil {
		return e.Message
	}
	return e.Place.at() + ": " + e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func (f Frame) at() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// Errors are all the errors of a load or a run: those of a file that does not
// parse, or that of a task and of its clean-up.
type Errors []*Error

// Error gives a line for each, with the place in the file.
func (e Errors) Error() string {
	var lines []string
	for _, one := range e {
		line := one.Error()
		if len(one.Frames) > 0 && one.Place == nil {
			line = one.Frames[0].at() + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each.
func (e Errors) Unwrap() []error {
	var list []error
	for _, one := range e {
		list = append(list, one)
	}
	return list
}

// Write prints the error for a reader. colour puts a text into the colour that
// an SGR code names; nil: there is none.
func (e *Error) Write(w io.Writer, colour func(code, text string) string) {
	if colour == nil {
		colour = func(_, text string) string { return text }
	}
	frames, way := e.Frames, "called at "
	if e.Place != nil {
		frames = append([]Frame{*e.Place}, frames...)
	}
	for i, f := range frames {
		in := ""
		if f.Function != "" {
			in = ", in " + f.Function
		}
		if i == 0 {
			fmt.Fprintf(w, "%s: %s\n", colour("1", f.at()), e.Message)
		} else {
			fmt.Fprintf(w, "%s%s%s\n", way, colour("1", f.at()), in)
		}
		f.excerpt(w, colour)
		if i == 0 && e.Output != "" {
			fmt.Fprintf(w, "it printed:\n  %s\n", strings.ReplaceAll(e.Output, "\n", "\n  "))
		}
	}
	if len(frames) == 0 {
		fmt.Fprintln(w, e.Message)
	}
	if len(e.Locals) > 0 {
		var list []string
		for _, l := range e.Locals {
			list = append(list, l.Name+" = "+l.Value)
		}
		fmt.Fprintln(w, "with "+strings.Join(list, ", "))
	}
	if e.Hint != "" {
		fmt.Fprintln(w, "hint: "+e.Hint)
	}
}

// excerpt prints the line, and carets under what is meant. Of a line that is too
// long it prints what is around that.
func (f Frame) excerpt(w io.Writer, colour func(code, text string) string) {
	if f.Line == 0 || f.Source == "" {
		return
	}
	const longest = 120
	line := []rune(strings.ReplaceAll(f.Source, "\t", " "))
	at, width := max(f.Column-1, 0), max(f.Width, 1)
	if len(line) > longest {
		from := max(0, min(at-longest/4, len(line)-longest))
		line, at = line[from:min(from+longest, len(line))], at-from
	}
	width = min(width, max(len(line)-at, 1))
	number := fmt.Sprint(f.Line)
	fmt.Fprintf(w, "  %s | %s\n", number, string(line))
	fmt.Fprintf(w, "  %*s | %*s%s\n", len(number), "", at, "", colour("31", strings.Repeat("^", width)))
}

// explain makes any error of the interpreter one that says where and why. s is
// the session that it ended; nil if none ran yet.
func (f *File) explain(err error, s *Session) Errors {
	var done Errors
	if errors.As(err, &done) {
		return done
	}
	if list := problems(err); list != nil {
		for _, p := range list {
			e := &Error{Kind: "usage", Message: f.meant(p.Msg, list), Frames: f.frames(err, p.Pos), Err: err}
			e.Hint = hint(p.Msg, e.Frames[0].Source)
			done = append(done, e)
		}
		return done
	}
	e := &Error{Kind: "usage", Message: err.Error()}
	if in := innermost(err); in != nil {
		e.Message = in.Msg
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
	if s != nil && s.Err() != nil && e.Kind != "internal" {
		// The interpreter tells only that it was stopped, not why.
		*e = Error{Kind: "cancelled", Message: "interrupted", Frames: e.Frames, Locals: e.Locals, Err: context.Cause(s)}
		if why := (*Error)(nil); errors.As(e.Err, &why) {
			e.Kind, e.Message, e.Hint = why.Kind, why.Message, why.Hint
		}
	} else if e.Hint == "" && len(e.Frames) > 0 {
		e.Hint = hint(e.Message, e.Frames[0].Source)
	}
	return Errors{e}
}

// innermost is the error of the interpreter that knows the whole way.
func innermost(err error) (in *starlark.EvalError) {
	for e := (*starlark.EvalError)(nil); errors.As(err, &e); err = e.Unwrap() {
		in = e
	}
	return in
}

// meant is what the resolver says, with a name that may have been meant: of the
// file, or one that is predeclared.
func (f *File) meant(msg string, list []syntax.Error) string {
	text, known := strings.CutSuffix(msg, " (declare it using 'load')")
	name, undefined := strings.CutPrefix(text, "undefined: ")
	name, guess, _ := strings.Cut(name, " (did you mean ")
	if !undefined || known {
		return text
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

// frames is the way to an error, innermost first: the places given, then what
// the innermost error of the interpreter knows.
func (f *File) frames(err error, at ...syntax.Position) []Frame {
	var list []Frame
	for _, pos := range at {
		list = append(list, f.frame(pos, ""))
	}
	var stack starlark.CallStack
	if in := innermost(err); in != nil {
		stack = in.CallStack
		// Arguments that do not fit are the caller's affair.
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

// frame is a place with its text.
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
	// The interpreter tells the operator; a reader wants the expression.
	if file, err := dialect.Parse(pos.Filename(), m.source, 0); err == nil {
		if start, end, ok := expression(file, pos); ok {
			fr.Line, fr.Column = int(start.Line), int(start.Col)
			fr.Source = strings.TrimRight(lines[fr.Line-1], "\r")
			if fr.Width = int(end.Col - start.Col); end.Line != start.Line {
				fr.Width = utf8.RuneCountInString(fr.Source) - fr.Column + 1
			}
		}
	}
	return fr
}

// expression finds the expression whose operator is at pos.
func expression(file *syntax.File, pos syntax.Position) (start, end syntax.Position, ok bool) {
	syntax.Walk(file, func(n syntax.Node) bool {
		var at syntax.Position
		switch n := n.(type) {
		case *syntax.DefStmt:
			if at = n.Def; at.Line == pos.Line && at.Col == pos.Col {
				start, end = n.Name.Span()
				ok = true
				return false
			}
		case *syntax.CallExpr:
			at = n.Lparen
		case *syntax.IndexExpr:
			at = n.Lbrack
		case *syntax.SliceExpr:
			at = n.Lbrack
		case *syntax.BinaryExpr:
			at = n.OpPos
		case *syntax.UnaryExpr:
			at = n.OpPos
		case *syntax.DotExpr:
			at = n.Dot
		case *syntax.AssignStmt:
			at = n.OpPos
		case *syntax.LoadStmt:
			at = n.Load
		case *syntax.Ident:
			at = n.NamePos
		default:
			return true
		}
		if at.Line == pos.Line && at.Col == pos.Col {
			start, end = n.Span()
			ok = true
		}
		return !ok
	})
	return start, end, ok
}

// habits are what people write who know Python, and what Starlark has instead.
var habits = []struct {
	line *regexp.Regexp
	hint string
}{
	{regexp.MustCompile(`^\s*(try|except|finally|raise)\b`), "Starlark has no exceptions: attempt(fn, ...) gives the error, fail(message) makes one, defer(fn, ...) cleans up"},
	{regexp.MustCompile(`^\s*while\b`), "Starlark has no while: for i in range(n) with break ends for certain"},
	{regexp.MustCompile(`^\s*with\b`), "Starlark has no with: defer(fn, ...) is called when the task is over"},
	{regexp.MustCompile(`^\s*(import|from)\b`), `load("other.star", "name") loads from another file; json, math, time and struct are there`},
	{regexp.MustCompile(`^\s*class\b`), "Starlark has no classes: struct(name = value) holds fields"},
	{regexp.MustCompile(`^\s*assert\b[^.]`), "if not condition: fail(message)"},
	{regexp.MustCompile(`^\s*(del|global|nonlocal)\b`), "Starlark has no del and no global: d.pop(key) removes a key, and globals do not change"},
	{regexp.MustCompile(`^\s*(async|await|yield)\b`), "builtins act at once: there is nothing to wait for"},
	{regexp.MustCompile(`(^|[^\w"'])[fF]["']`), `Starlark has no f-strings: "%s is at %d" % (db, n)`},
	{regexp.MustCompile(`\bis\s+(not\s+)?None\b`), "Starlark has no is: x == None, x != None"},
	{regexp.MustCompile(`\d_\d`), "numbers have no underscores"},
	{regexp.MustCompile(`^\s*@`), "Starlark has no decorators: task(fn, ...) stands after the function"},
	{regexp.MustCompile(`^\s*def\b.*(->|\w\s*:\s*\w+\s*[,)=])`), "parameters have no types: their defaults tell"},
	{regexp.MustCompile(`"\s+"|'\s+'`), "strings are joined by +"},
	{regexp.MustCompile(`[<>]=?[^<>=]+[<>]`), "comparisons do not chain: a < b and b < c"},
}

// hint guesses what was meant in a line that was refused.
func hint(message, line string) string {
	switch {
	case strings.Contains(message, "frozen"):
		return "what is defined at the top level does not change once the file is loaded: keep it in a variable of the function, or return it"
	case strings.Contains(message, "unknown conversion"):
		return "% has no widths and precisions here: %d %s %r %g %x; table(rows) aligns"
	case strings.Contains(message, "called recursively"):
		return "functions do not call themselves here: a for loop over a list of what is left does"
	case strings.Contains(message, "cannot reassign global"):
		return "a name at the top level is given once: x = 1 if condition else 2"
	}
	if strings.HasPrefix(message, "got ") || strings.HasPrefix(message, "undefined") || strings.Contains(message, "not an expression") ||
		strings.Contains(message, "does not support") || strings.Contains(message, "does not associate") || strings.Contains(message, "not allowed") || strings.Contains(message, "invalid") {
		for _, h := range habits {
			if h.line.MatchString(line) {
				return h.hint
			}
		}
	}
	return ""
}
