// Package builtins is what a Fastmigratefile can call: a row for each function,
// thin over package core. The rows drive how arguments are read, what the
// documentation says and what a listing of tasks knows of them.
//
//	set := builtins.New(builtins.Options{})
//	file, err := starlark.Load(ctx, os.DirFS("."), starlark.Options{Predeclared: set.Predeclared()})
package builtins

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"fastmigrate/core"
	host "fastmigrate/starlark"

	startime "go.starlark.net/lib/time"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// Options is what the functions work with. The zero value is complete.
type Options struct {
	// Core is handed to package core with each call. Without a Hold it gets one:
	// other processes leave the backups that are made while the Set is in use.
	Core core.Options

	// DB is the database that is meant where a call names none. Empty:
	// data/database.db beside the Fastmigratefile.
	DB string

	// Migrations is the directory of the migrations that is meant where a call
	// names none. Empty: migrations beside the Fastmigratefile.
	Migrations string

	// Named is told each path that a call names instead of DB or Migrations; param is
	// "db" or "migrations". Nil: nobody is.
	Named func(param, path string)

	// Out receives what print and table print. Nil: nobody does.
	Out io.Writer

	// Log receives what is done meanwhile, line by line: migrations that were
	// applied, programs that are run, warnings, what is printed while the file is
	// loaded. Nil: nobody does.
	Log io.Writer

	// Confirm answers confirm(). Nil: it is refused.
	Confirm func(ctx context.Context, question string) (bool, error)

	// Getenv gives a variable of the environment, "" if it is not set. If nil,
	// os.Getenv does.
	Getenv func(name string) string

	// Sh answers sh instead of the program that command names: with its exit
	// status and what it printed. input is what the program would read, nil if
	// nothing; thread is the caller's, on which a function of the file can be
	// called. If nil, programs run.
	Sh func(thread *starlark.Thread, command []string, input *string) (status int, out string, err error)

	// Now is the time that the module time tells, which is then among the names
	// of Predeclared. If nil, the module tells the time of the system.
	Now func() time.Time
}

// Set is the functions, with what they work with.
type Set struct {
	o Options

	// Of a migration: its transaction, and the row that was read last.
	tx       *core.Tx
	row      *row
	patterns map[string]*regexp.Regexp
	after    func(fn starlark.Callable, args starlark.Tuple) (starlark.Value, error) // calls a function of the file once migrate has returned; nil: it has not

	// Of a test: it, and the database that a method is called of.
	trial   *trial // nil: it is for real
	scratch string
}

// New makes a set.
func New(o Options) *Set {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Core.Hold == nil {
		o.Core.Hold = &core.Hold{}
	}
	return &Set{o: o}
}

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

	when phase
	long bool // its time is that of the data: it ends, and a clean-up waits for it
	do   func(*call) (starlark.Value, error)
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

// All lists the functions by name.
func All() []*Builtin {
	list := slices.Concat(databases, backups, statements, tasks, flow, files, programs, output)
	slices.SortFunc(list, func(a, b *Builtin) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

// Predeclared gives the functions by name, for starlark.Options.
func (set *Set) Predeclared() starlark.StringDict {
	names := starlark.StringDict{}
	for _, b := range All() {
		names[b.Name] = set.value(b)
	}
	if set.o.Now != nil {
		names["time"] = clock(set.o.Now)
	}
	return names
}

// clock is the module time with another clock.
func clock(now func() time.Time) *starlarkstruct.Module {
	m := *startime.Module
	m.Members = maps.Clone(m.Members)
	m.Members["now"] = starlark.NewBuiltin("now", func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
		return startime.Time(now()), nil
	})
	return &m
}

// value is the function in Starlark.
func (set *Set) value(b *Builtin) *starlark.Builtin {
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
		c := &call{Builtin: b, set: set, session: s, thread: thread}
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

// Effects are what functions of these names may do together.
func Effects(names []string) []Effect {
	list := []Effect{}
	for _, b := range All() {
		if b.Effect != None && slices.Contains(names, b.Name) && !slices.Contains(list, b.Effect) {
			list = append(list, b.Effect)
		}
	}
	slices.Sort(list)
	return list
}

// Usual reports whether a task may make a call that means the usual database, or
// directory of migrations, as it names none; param is "db" or "migrations".
func Usual(t *host.Task, param string) bool {
	return slices.ContainsFunc(t.Calls(), func(u host.Use) bool {
		for _, b := range All() {
			i := slices.IndexFunc(b.Params, func(p Param) bool { return p.Name == param && p.Default != "" })
			if b.Name == u.Name && i >= 0 {
				return u.Any || !(i < len(u.Args) && u.Args[i] || u.Named[param])
			}
		}
		return false
	})
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
