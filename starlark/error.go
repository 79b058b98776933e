// What an error says. Nothing is told twice, and the innermost comes first: what
// happened, where, the way there, what the variables held, what to do.

package starlark

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
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

	// State is how that stands now what the error is about, as "app.db is at version 1".
	// Empty: that is not known.
	State string `json:"-"`

	// Hint guesses what to do; each line is a hint. Empty: nothing comes to mind.
	Hint string `json:"hint,omitempty"`

	// Place is where it went wrong in a file that the workflow works with, as a
	// migration. Nil: it is about none.
	Place *Frame `json:"place,omitempty"`

	Output string  `json:"output,omitempty"` // the last lines that a program printed
	Shown  bool    `json:"-"`                // while it ran: Write prints only Unseen of it
	Unseen string  `json:"-"`                // the part of Output that was not shown
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

// Error is the place, if it is in a file that the workflow works with, the message and
// the state.
func (e *Error) Error() string {
	if e.Place == nil {
		return e.text()
	}
	return e.Place.at() + ": " + e.text()
}

// Unwrap gives the cause.
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

// Write prints the error for a reader. show makes a text fit for where it is
// printed, in the colour that an SGR code names; "" names none. Nil: all is
// printed as it is.
func (e *Error) Write(w io.Writer, show func(code, text string) string) {
	if show == nil {
		show = func(_, text string) string { return text }
	}
	block := func(text string) string { return unindented.ReplaceAllString(show("", text), "\n  $1") }
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

// Hints are the lines of Hint.
func (e *Error) Hints() []string {
	if e.Hint == "" {
		return nil
	}
	return strings.Split(e.Hint, "\n")
}

// unseen is what a reader has not seen yet of what a program printed.
func (e *Error) unseen() string {
	if e.Shown {
		return e.Unseen
	}
	return e.Output
}

// unindented is the begin of a line, not the first, that could be taken for one of ours.
var unindented = regexp.MustCompile(`\n([^\s])`)

// excerpt prints the line, and carets under what is meant. Of a line that is too
// long it prints what is around that.
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

// noField is what the interpreter says where it has no suggestion.
var noField = regexp.MustCompile(`^\w+ has no \.(\w+) (?:field or method|attribute)$`)

// swappedField adds to that the name that was meant, if two letters of it are swapped:
// one of those that the files have, in a struct or a query.
func (f *File) swappedField(message string) string {
	if field := noField.FindStringSubmatch(message); field != nil {
		for _, name := range slices.Sorted(maps.Keys(f.modules)) {
			for _, word := range word.FindAllString(string(f.modules[name].source), -1) {
				if swapped(field[1], word) {
					return message + " (did you mean ." + word + "?)"
				}
			}
		}
	}
	return message
}

var word = regexp.MustCompile(`\w+`)
