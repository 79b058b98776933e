package row

import (
	"fmt"
	"strings"
	"time"

	"fastmigrate/core/filename"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Call is one call of a function, with its arguments by the names of its parameters.
type Call struct {
	Builtin *Builtin
	Session *host.Session
	Thread  *starlark.Thread

	// Args and Kwargs are the arguments beyond Params of a function that takes more:
	// see [Builtin.Rest].
	Args   starlark.Tuple
	Kwargs []starlark.Tuple

	values     []starlark.Value   // by parameter; nil if it is absent or None
	few        [2]starlark.Value  // where values are, if they are no more
	migrations func(*Call) string // see [Builtin.Function]
}

// unpack reads the arguments, and reports all that is wrong with them.
func (c *Call) unpack(args starlark.Tuple, kwargs []starlark.Tuple) error {
	if n := len(c.Builtin.Params); n <= len(c.few) {
		c.values = c.few[:n]
	} else {
		c.values = make([]starlark.Value, n)
	}
	var wrong []string
	var cause, large error
	set := func(i int, v starlark.Value) {
		p := &c.Builtin.Params[i]
		if err := host.Fits(c.Builtin.Name, v); err != nil {
			large = err
		}
		if v == starlark.None && p.Default == "None" {
			return
		}
		if want := p.typeError(v); want != "" {
			got := v.Type()
			if p.Type == "int" && got == "int" || (p.Type == "duration" || p.Type == "path") && got == "string" {
				got = v.String()
			}
			wrong = append(wrong, fmt.Sprintf("%s must be %s, not %s", p.Name, want, got))
		} else if p.Type == "path" {
			text := string(v.(starlark.String))
			if err := filename.Plain(text, c.Session.Path(text)); err != nil {
				wrong, cause = append(wrong, fmt.Sprintf("%s: %v", p.Name, err)), err
			}
		}
		c.values[i] = v
	}
	for i, v := range args {
		if i < len(c.Builtin.Params) {
			set(i, v)
		} else if c.Builtin.Rest == "" {
			wrong = append(wrong, fmt.Sprintf("it takes %d arguments, not %d", len(c.Builtin.Params), len(args)))
			break
		} else {
			c.Args = append(c.Args, v)
		}
	}
kwargs:
	for _, kw := range kwargs {
		name := string(kw[0].(starlark.String))
		for i, p := range c.Builtin.Params {
			if p.Name != name {
				continue
			}
			if i < len(args) {
				wrong = append(wrong, name+" is given twice")
			}
			set(i, kw[1])
			continue kwargs
		}
		switch near := host.Nearest(name, c.names()); {
		case strings.Contains(c.Builtin.Rest, "**"):
			c.Kwargs = append(c.Kwargs, kw)
		case near != "":
			wrong = append(wrong, fmt.Sprintf("it has no parameter %s, did you mean %s?", name, near))
		default:
			wrong = append(wrong, fmt.Sprintf("it has no parameter %s", name))
		}
	}
	for i, p := range c.Builtin.Params {
		if c.values[i] == nil && p.Default == "" {
			wrong = append(wrong, p.Name+" is missing")
		}
	}
	if wrong == nil {
		return large
	}
	e := &host.Error{Kind: "usage", Message: c.Builtin.Name + ": " + strings.Join(wrong, "; "), Err: cause}
	if cause == nil { // which has a hint of its own
		e.Hint = c.usage(args)
	}
	return e
}

// usage is how the function is called; where all it was given are words, its row
// may know what was meant.
func (c *Call) usage(args starlark.Tuple) string {
	var words []string
	for _, v := range args {
		word, ok := starlark.AsString(v)
		if !ok {
			return c.Builtin.Signature()
		}
		words = append(words, word)
	}
	if c.Builtin.Hint == nil || len(words) == 0 {
		return c.Builtin.Signature()
	}
	return c.Builtin.Hint(words)
}

// typeError says what a parameter takes, if that is not v.
func (p Param) typeError(v starlark.Value) string {
	ok, want := true, ""
	switch p.Type {
	case "string":
		_, ok = v.(starlark.String)
		want = "a string"
	case "path": // an empty one is a mistake, and must not mean the usual database
		s, isString := v.(starlark.String)
		ok, want = isString && s != "" && !strings.Contains(string(s), "\x00"), "a path"
	case "duration":
		want = `a string such as "30s"`
		s, isString := v.(starlark.String)
		d, err := time.ParseDuration(string(s))
		ok = isString && err == nil && d >= 0
	case "int":
		n, isInt := v.(starlark.Int)
		_, fits := n.Int64()
		ok, want = isInt && fits && n.Sign() >= 0, "an integer from 0"
	case "bool":
		_, ok = v.(starlark.Bool)
		want = "True or False"
	case "list":
		switch v.(type) {
		case *starlark.List, starlark.Tuple:
		default:
			ok, want = false, "a list"
		}
	case "list or dict":
		switch v.(type) {
		case *starlark.List, starlark.Tuple, *starlark.Dict:
		default:
			ok, want = false, "a list or a dict"
		}
	case "dict":
		_, ok = v.(*starlark.Dict)
		want = "a dict"
	case "function":
		_, ok = v.(starlark.Callable)
		want = "a function"
	}
	if ok {
		return ""
	}
	return want
}

func (c *Call) names() []string {
	var names []string
	for _, p := range c.Builtin.Params {
		names = append(names, p.Name)
	}
	return names
}

// Value returns the argument of a parameter; nil if it is absent, or None where that is
// the default.
func (c *Call) Value(name string) starlark.Value {
	for i := range c.Builtin.Params {
		if c.Builtin.Params[i].Name == name {
			return c.values[i]
		}
	}
	return nil
}

// Text returns an argument that is a string; "" if it is absent.
func (c *Call) Text(name string) string {
	s, _ := c.Value(name).(starlark.String)
	return string(s)
}

// Number returns an argument that is an int; 0 if it is absent.
func (c *Call) Number(name string) int {
	n, ok := c.Value(name).(starlark.Int)
	if !ok {
		return 0
	}
	v, _ := n.Int64()
	return int(v)
}

// Flag returns an argument that is a bool; false if it is absent.
func (c *Call) Flag(name string) bool { return c.Value(name) == starlark.True }

// Given reports whether there is an argument.
func (c *Call) Given(name string) bool { return c.Value(name) != nil }

// List returns the elements of an argument that is a list; nil if it is absent.
func (c *Call) List(name string) []starlark.Value {
	var list []starlark.Value
	if v, ok := c.Value(name).(starlark.Iterable); ok {
		for one := range starlark.Elements(v) {
			list = append(list, one)
		}
	}
	return list
}

// FromOne refuses 0 for a target version: for package core, 0 means that none was given.
func (c *Call) FromOne(name string) error {
	if c.Given(name) && c.Number(name) == 0 {
		return &host.Error{Kind: "usage", Message: c.Builtin.Name + ": " + name + " is 0, but versions begin with 1"}
	}
	return nil
}
