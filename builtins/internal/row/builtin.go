// Package row turns rows into functions: a [Builtin] is a function of Starlark with its
// documentation, which determines how arguments are read ([Call]), how results become
// values ([ToStarlark], [Record], [Rows]) and which kind an error has ([Kinds]). Most
// packages need one call for each row:
//
//	b := &row.Builtin{Name: "double", Params: []row.Param{row.NewParam("n", "int", "", "a number")},
//		Do: func(c *row.Call) (starlark.Value, error) { return row.ToStarlark(2 * c.Number("n")), nil }}
//	names[b.Name] = b.Function(migrations)
package row

import (
	"fmt"
	"strings"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Effect is the effect that calling a function may have.
type Effect string

// The effects. A function with an effect other than None works only while a task runs.
const (
	None   Effect = "none"
	Reads  Effect = "reads"  // databases or files
	Writes Effect = "writes" // databases or files
	Runs   Effect = "runs"   // programs
)

// Builtin is one function: how it is called, its documentation, and its code.
type Builtin struct {
	Name    string   `json:"name"`
	Params  []Param  `json:"params"`
	Rest    string   `json:"rest,omitempty"` // the meaning of further arguments; "" if there are none
	Returns string   `json:"returns"`        // type, and its fields
	Effect  Effect   `json:"effect"`
	Errors  []string `json:"errors"` // kinds
	Doc     string   `json:"doc"`    // a sentence, then more
	Example string   `json:"example"`

	// When is the phase in which it works; the zero value is Anytime.
	When Phase `json:"-"`

	// Long: its duration depends on the data. It ends by itself, and a clean-up waits for
	// it.
	Long bool `json:"-"`

	// Hint returns the hint after a wrong call with words only. If nil, the hint is the
	// signature.
	Hint func(words []string) string `json:"-"`

	// Do is the function itself. Its arguments match Params.
	Do func(*Call) (starlark.Value, error) `json:"-"`
}

// Param is a parameter of a function.
type Param struct {
	Name    string `json:"name"`
	Type    string `json:"type"`              // string, path, int, bool, list, dict, list or dict, function, duration, any
	Default string `json:"default,omitempty"` // as Starlark writes it; "" if it must be given
	Doc     string `json:"doc"`
}

// NewParam returns a parameter; def is its default, "" if it must be given.
func NewParam(name, kind, def, doc string) Param { return Param{name, kind, def, doc} }

// Phase is the phase in which a function works.
type Phase int

// The phases.
const (
	Anytime Phase = iota
	AtLoad        // at the top level of the file
	InTask        // while a task runs
)

// Function returns the function for Starlark. It reads the arguments, calls Do, and
// converts an error for the workflow ([Call.Failure]). migrations returns the migrations
// directory of a call, which errors put before the names of files.
func (b *Builtin) Function(migrations func(*Call) string) *starlark.Builtin {
	return starlark.NewBuiltin(b.Name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		s := host.Of(thread)
		switch {
		case s == nil:
			return nil, fmt.Errorf("%s: called outside of a Fastmigratefile", b.Name)
		case s.Loading() && b.When == InTask:
			return nil, &host.Error{Kind: "usage", Message: b.Name + " works only while a task runs", Hint: "move this line into a function"}
		case !s.Loading() && b.When == AtLoad:
			return nil, &host.Error{Kind: "usage", Message: b.Name + " works only at the top level of the file", Hint: "move this line out of the function"}
		}
		c := &Call{Builtin: b, Session: s, Thread: thread, migrations: migrations}
		if err := c.unpack(args, kwargs); err != nil {
			return nil, err
		}
		if b.Long {
			defer s.Unhurried()()
		}
		v, err := b.Do(c)
		if err != nil {
			return nil, c.Failure(err)
		}
		return v, nil
	})
}

// Signature returns the signature of the function: name(path, keep = 0, ...).
func (b *Builtin) Signature() string {
	text := ""
	for _, p := range b.Params {
		if text != "" {
			text += ", "
		}
		text += p.Name
		if p.Default != "" {
			text += " = " + p.Default
		}
	}
	if b.Rest != "" {
		if text != "" {
			text += ", "
		}
		text += b.Rest
	}
	if b.Returns == "module" {
		return b.Name
	}
	return b.Name + "(" + text + ")"
}

// Text returns the documentation of the function, in lines.
func (b *Builtin) Text() string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s\n\n%s\n", b.Signature(), b.Doc)
	if len(b.Params) > 0 {
		fmt.Fprint(&t, "\nArgs:\n")
		for _, p := range b.Params {
			fmt.Fprintf(&t, "  %s (%s): %s\n", p.Name, p.Type, p.Doc)
		}
	}
	fmt.Fprintf(&t, "\nReturns:\n  %s\n", b.Returns)
	if len(b.Errors) > 0 {
		fmt.Fprint(&t, "\nErrors:\n")
		for _, kind := range b.Errors {
			fmt.Fprintf(&t, "  %s: %s\n", kind, Kinds[kind])
		}
	}
	fmt.Fprintf(&t, "\nExample:\n  %s", strings.ReplaceAll(b.Example, "\n", "\n  "))
	return t.String()
}
