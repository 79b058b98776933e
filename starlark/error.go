// The text of an error. Each fact is printed once, the innermost first: what happened,
// where, how the program got there, the values of variables, what to do.

package starlark

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Error is one thing that went wrong in a file, or because of it. A builtin returns
// one with a Kind, a Message and whatever else it knows; the host adds the frames.
type Error struct {
	// Kind classifies errors for a workflow: failed (by fail, or the exit status of a
	// program), usage (the file itself is wrong), denied, cancelled, internal; builtins
	// add others, such as busy.
	Kind    string `json:"kind"`
	Message string `json:"message"`

	// State is the state after the error, such as "app.db is at version 1". If empty,
	// it is unknown.
	State string `json:"-"`

	// Hint suggests what to do, one suggestion a line. If empty, there is none.
	Hint string `json:"hint,omitempty"`

	// Place is the place in a file that the workflow works with, such as a migration.
	// If nil, the error is not about one.
	Place *Frame `json:"place,omitempty"`

	Output string  `json:"output,omitempty"` // the last lines of a program's output
	Shown  bool    `json:"-"`                // the program's output was shown: Write prints only Unseen
	Unseen string  `json:"-"`                // the part of Output that was not shown
	Frames []Frame `json:"frames,omitempty"` // the calls that led there, innermost first
	Locals []Local `json:"locals,omitempty"` // of the innermost function, if known
	Stack  string  `json:"-"`                // of Go, for internal errors
	Err    error   `json:"-"`                // the cause; nil: none
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

// Local is a variable and its value, as text.
type Local struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Error returns the Place, if there is one, the message and the state.
func (e *Error) Error() string {
	if e.Place == nil {
		return e.text()
	}
	return e.Place.at() + ": " + e.text()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (f Frame) at() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// text is the message, with the state.
func (e *Error) text() string {
	if e.State == "" {
		return e.Message
	}
	return e.Message + " (" + e.State + ")"
}

// Errors are all errors of a load or a run: those of a file that does not parse, or
// the error of a task followed by those of its clean-up.
type Errors []*Error

// Error returns a line for each error, with its place in the file.
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

// Unwrap returns each error.
func (e Errors) Unwrap() []error {
	var list []error
	for _, one := range e {
		list = append(list, one)
	}
	return list
}

// Write prints the error for a person. It passes each text through show, with the SGR
// code of a colour, or "" for none, which makes the text fit for the output. If show is
// nil, the texts are printed unchanged.
func (e *Error) Write(w io.Writer, show func(code, text string) string) {
	if show == nil {
		show = func(_, text string) string { return text }
	}
	block := func(text string) string { return unindented().ReplaceAllString(show("", text), "\n  $1") }
	line := func(text string) string { return strings.ReplaceAll(show("", text), "\n", `\n`) }
	frames, way := e.Frames, "called at "
	if e.Place != nil {
		frames = append([]Frame{*e.Place}, frames...)
	}
	for i, f := range frames {
		at, in := show("1", strings.ReplaceAll(f.at(), "\n", `\n`)), ""
		if f.Function != "" {
			in = ", in " + f.Function
		}
		if i == 0 {
			fmt.Fprintf(w, "%s: %s\n", at, block(e.text()))
		} else {
			fmt.Fprintf(w, "%s%s%s\n", way, at, in)
		}
		f.excerpt(w, show)
		if output := e.unseen(); i == 0 && output != "" {
			fmt.Fprintf(w, "it printed:\n  %s\n", strings.ReplaceAll(show("", output), "\n", "\n  "))
		}
	}
	if len(frames) == 0 {
		fmt.Fprintln(w, block(e.text()))
	}
	if len(e.Locals) > 0 {
		var list []string
		for _, l := range e.Locals {
			list = append(list, line(l.Name)+" = "+line(l.Value))
		}
		fmt.Fprintln(w, "with "+strings.Join(list, ", "))
	}
	for _, h := range e.Hints() {
		fmt.Fprintln(w, "hint: "+show("", h))
	}
}

// Hints returns the lines of Hint.
func (e *Error) Hints() []string {
	if e.Hint == "" {
		return nil
	}
	return strings.Split(e.Hint, "\n")
}

// unseen is the part of a program's output that was not shown.
func (e *Error) unseen() string {
	if e.Shown {
		return e.Unseen
	}
	return e.Output
}

// unindented is the start of a second or later line that could be mistaken for one of ours.
var unindented = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\n([^\s])`) })

// excerpt prints the line, with carets under the expression. Of a long line it prints
// the part around that.
func (f Frame) excerpt(w io.Writer, show func(code, text string) string) {
	if f.Line == 0 || f.Source == "" {
		return
	}
	const longest = 120
	line := []rune(strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(f.Source))
	at, width := max(f.Column-1, 0), max(f.Width, 1)
	if len(line) > longest {
		from := max(0, min(at-longest/2, len(line)-longest))
		line, at = line[from:min(from+longest, len(line))], at-from
	}
	at = min(at, len(line))
	width = min(width, max(len(line)-at, 1))
	// What cannot be shown as it is takes more room, and the carets go with it.
	room := func(part []rune) int { return utf8.RuneCountInString(show("", string(part))) }
	before, under := room(line[:at]), room(line[at:min(at+width, len(line))])
	number := fmt.Sprint(f.Line)
	fmt.Fprintf(w, "  %s | %s\n", number, show("", string(line)))
	fmt.Fprintf(w, "  %*s | %*s%s\n", len(number), "", before, "", show("31", strings.Repeat("^", max(under, 1))))
}

// noField is the interpreter's message for an unknown field without a suggestion.
var noField = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\w+ has no \.(\w+) (?:field or method|attribute)$`) })

// swappedField adds the intended name to that message, if the files have a word that
// differs only by two swapped letters.
func (f *File) swappedField(message string) string {
	if field := noField().FindStringSubmatch(message); field != nil {
		for _, name := range slices.Sorted(maps.Keys(f.modules)) {
			for _, word := range word().FindAllString(string(f.modules[name].source), -1) {
				if swapped(field[1], word) {
					return message + " (did you mean ." + word + "?)"
				}
			}
		}
	}
	return message
}

var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\w+`) })
