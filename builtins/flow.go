package builtins

import (
	"errors"
	"strings"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

var flow = []*Builtin{{
	Name: "attempt", Params: []Param{{"fn", "function", "", "what to call"}}, Rest: "*args, **kwargs",
	Returns: "Attempt(ok, value, error), true if ok; error is None, or Error(kind, message, hint)",
	Effect:  None, Errors: []string{"cancelled", "internal"},
	Doc: `Calls a function and goes on if it fails.
An interrupt, a timeout and an internal error are passed on: nothing goes on then.`,
	Example: `done = attempt(db_version, "missing.db")
print(done.ok, done.error.kind)`,
	do: func(c *call) (starlark.Value, error) {
		v, err := starlark.Call(c.thread, c.value("fn"), c.rest, c.named)
		if err == nil {
			return newRecord("Attempt", true, "ok", true, "value", v, "error", nil), nil
		}
		e := &host.Error{Kind: "usage", Message: err.Error()}
		errors.As(err, &e)
		if e.Kind == "cancelled" || e.Kind == "internal" || c.session.Err() != nil {
			return nil, err
		}
		why := newRecord("Error", true, "kind", e.Kind, "message", e.Error(), "hint", e.Hint)
		return newRecord("Attempt", false, "ok", false, "value", nil, "error", why), nil
	},
}, {
	Name: "defer", Params: []Param{{"fn", "function", "", "what to call"}}, Rest: "*args, **kwargs",
	Returns: "None", Effect: None, Errors: []string{"usage"},
	Doc: `Has a function called when the task is over: done, failed, interrupted or out of time.
What is deferred later is called earlier. Each call may take 10 seconds, not counting the time that backup_db, backups,
restore_db and check_db take. If one fails or takes longer, the others are called
nevertheless. A second Ctrl-C ends them.`,
	Example: `defer(print, "over")
print("at work")`,
	when: inTask, do: func(c *call) (starlark.Value, error) {
		c.session.Defer(c.value("fn").(starlark.Callable), c.rest, c.named)
		return starlark.None, nil
	},
}, {
	Name: "confirm", Params: []Param{{"question", "string", "", "to be answered by yes or no"}},
	Returns: "bool", Effect: None, Errors: []string{"denied"},
	Doc: `Asks a person. --yes answers yes.
Without a terminal to ask on, and without --yes, it is an error.`,
	Example: `if attempt(confirm, "Go on?").value:
    print("going on")`,
	when: inTask, do: func(c *call) (starlark.Value, error) {
		question := c.session.Mask(c.thread, c.text("question"))
		if c.set.o.Confirm == nil {
			return nil, &host.Error{Kind: "denied", Message: "there is nobody to ask: " + question, Hint: "--yes answers yes"}
		}
		yes, err := c.set.o.Confirm(c.session, question)
		return starlark.Bool(yes), err
	},
}, {
	Name: "fail", Rest: "*args", Params: []Param{},
	Returns: "nothing: it does not return", Effect: None, Errors: []string{"failed"},
	Doc: `Ends the task with a message: the arguments, with blanks between them.`,
	Example: `def check():
    fail("nothing", "works")

print(attempt(check).error.message)`,
	do: func(c *call) (starlark.Value, error) {
		return nil, &host.Error{Kind: "failed", Message: joined(c.rest)}
	},
}, {
	Name: "env", Params: []Param{
		{"name", "string", "", "of the variable"},
		{"default", "any", "None", "what it is if the variable is not set, or empty; None: that is an error"}},
	Returns: "string", Effect: None, Errors: []string{"not_found"},
	Doc:     `Gives a variable of the environment.`,
	Example: `print(env("NO_SUCH_VARIABLE", default = "data/shop.db"))`,
	do: func(c *call) (starlark.Value, error) {
		if v := c.set.o.Getenv(c.text("name")); v != "" {
			if host.IsSecret(c.text("name")) {
				c.session.Hide(v)
			}
			return starlark.String(v), nil
		}
		if c.given("default") {
			return c.value("default"), nil
		}
		return nil, &host.Error{Kind: "not_found", Message: c.text("name") + " is not set in the environment"}
	},
}}

// joined is the arguments as print writes them.
func joined(args starlark.Tuple) string {
	var words []string
	for _, v := range args {
		s, ok := starlark.AsString(v)
		if !ok {
			s = v.String()
		}
		words = append(words, s)
	}
	return strings.Join(words, " ")
}
