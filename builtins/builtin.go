package builtins

import (
	"fmt"
	"strings"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Effect is what calling a function may do to the world.
type Effect string

// The effects. What has one other than None works only while a task runs.
const (
	None   Effect = "none"
	Reads  Effect = "reads"  // databases or files
	Writes Effect = "writes" // databases or files
	Runs   Effect = "runs"   // programs
)

// Builtin is one function.
type Builtin struct {
	Name    string   `json:"name"`
	Params  []Param  `json:"params"`
	Rest    string   `json:"rest,omitempty"` // what further arguments are; "" if there are none
	Returns string   `json:"returns"`        // type, and its fields
	Effect  Effect   `json:"effect"`
	Errors  []string `json:"errors"` // kinds
	Doc     string   `json:"doc"`    // a sentence, then more
	Example string   `json:"example"`

	when  phase
	long  bool                        // its time is that of the data: it ends, and a clean-up waits for it
	meant func(words []string) string // the hint where it was given words alone, and they are wrong; nil: its signature
	do    func(*call) (starlark.Value, error)
}

// Param is a parameter of a function.
type Param struct {
	Name    string `json:"name"`
	Type    string `json:"type"`              // string, path, int, bool, list, dict, function, duration, any
	Default string `json:"default,omitempty"` // as Starlark writes it; "" if it has to be given
	Doc     string `json:"doc"`
}

type phase int

const (
	anytime phase = iota
	atLoad
	inTask
)

// function is the row as a function in Starlark. migrations gives the directory of
// the migrations that a call means: an error names their files in it.
func (b *Builtin) function(migrations func(*call) string) *starlark.Builtin {
	return starlark.NewBuiltin(b.Name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		s := host.Of(thread)
		switch {
		case s == nil:
			return nil, fmt.Errorf("%s: called outside of a Fastmigratefile", b.Name)
		case s.Loading() && b.when == inTask:
			return nil, &host.Error{Kind: "usage", Message: b.Name + " works only while a task runs", Hint: "move this line into a function"}
		case !s.Loading() && b.when == atLoad:
			return nil, &host.Error{Kind: "usage", Message: b.Name + " works only at the top level of the file", Hint: "move this line out of the function"}
		}
		c := &call{builtin: b, session: s, thread: thread, migrations: migrations}
		if err := c.unpack(args, kwargs); err != nil {
			return nil, err
		}
		if b.long {
			defer s.Unhurried()()
		}
		v, err := b.do(c)
		if err != nil {
			return nil, c.failure(err)
		}
		return v, nil
	})
}

// Signature is how the function is called: name(path, keep = 0, ...).
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

// Text is the documentation of the function.
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
