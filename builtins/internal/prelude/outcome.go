package prelude

import (
	"cmp"
	"errors"

	"fastmigrate/builtins/internal/row"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// outcome are the functions about how a call ends.
var outcome = []*row.Builtin{{
	Name: "attempt", Params: []row.Param{row.NewParam("fn", "function", "", "what to call")}, Rest: "*args, **kwargs",
	Returns: "Attempt(ok, value, error), true if ok; error is None or Error(kind, message, hint)",
	Effect:  row.None, Errors: []string{"cancelled", "internal"},
	Doc: `Calls a function, and continues if it fails.
An interrupt, a timeout or an internal error still ends the task.`,
	Example: `done = attempt(db_version, "missing.db")
print(done.ok, done.error.kind)`,
	Do: func(c *row.Call) (starlark.Value, error) {
		v, err := starlark.Call(c.Thread, c.Value("fn"), c.Args, c.Kwargs)
		if err == nil {
			return row.NewRecord("Attempt", true, "ok", true, "value", v, "error", nil), nil
		}
		e := &host.Error{Kind: "usage", Message: err.Error()}
		errors.As(err, &e)
		if e.Kind == "cancelled" || e.Kind == "internal" || c.Session.Err() != nil {
			return nil, err
		}
		why := row.NewRecord("Error", true, "kind", e.Kind, "message", e.Error(), "hint", e.Hint)
		return row.NewRecord("Attempt", false, "ok", false, "value", nil, "error", why), nil
	},
}, {
	Name: "fail", Rest: "*args", Params: []row.Param{},
	Returns: "nothing: it does not return", Effect: row.None, Errors: []string{"failed"},
	Doc: `Ends the task with an error: the arguments, separated by spaces.`,
	Example: `def check():
    fail("nothing", "works")

print(attempt(check).error.message)`,
	Do: func(c *row.Call) (starlark.Value, error) {
		return nil, &host.Error{Kind: "failed", Message: cmp.Or(row.Joined(c.Args), "it failed: fail() was called without a message")}
	},
}}
