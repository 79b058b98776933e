package builtins

import (
	"fastmigrate/builtins/internal/row"
	host "fastmigrate/starlark"
	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
)

func (set *Set) flow() []*row.Builtin {
	return []*row.Builtin{{
		Name: "defer", Params: []row.Param{row.NewParam("fn", "function", "", "what to call")}, Rest: "*args, **kwargs",
		Returns: "None", Effect: row.None, Errors: []string{"usage"},
		Doc: `Has a function called when the task is over: done, failed, interrupted or out of time.
What is deferred later is called earlier. Each call may take 10 seconds, not counting the time that backup_db, backups,
restore_db and check_db take. If one fails or takes longer, the others are called
nevertheless. A second Ctrl-C ends them.`,
		Example: `defer(print, "over")
print("at work")`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			c.Session.Defer(c.Value("fn").(starlark.Callable), c.Args, c.Kwargs)
			return starlark.None, nil
		},
	}, {
		Name: "confirm", Params: []row.Param{row.NewParam("question", "string", "", "to be answered by yes or no")},
		Returns: "bool", Effect: row.None, Errors: []string{"denied"},
		Doc: `Asks a person. --yes answers yes.
Without a terminal to ask on, and without --yes, it is an error.`,
		Example: `if attempt(confirm, "Go on?").value:
    print("going on")`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			question := c.Session.Mask(c.Thread, c.Text("question"))
			if set.o.Confirm == nil {
				return nil, &host.Error{Kind: "denied", Message: "there is nobody to ask: " + question, Hint: "--yes answers yes"}
			}
			yes, err := set.o.Confirm(c.Session, question)
			return starlark.Bool(yes), err
		},
	}, {
		Name: "env", Params: []row.Param{
			row.NewParam("name", "string", "", "of the variable"),
			row.NewParam("default", "any", "None", "what it is if the variable is not set, or empty; None: that is an error")},
		Returns: "string", Effect: row.None, Errors: []string{"not_found"},
		Doc:     `Gives a variable of the environment.`,
		Example: `print(env("NO_SUCH_VARIABLE", default = "data/shop.db"))`,
		Do: func(c *row.Call) (starlark.Value, error) {
			if v := set.o.Getenv(c.Text("name")); v != "" {
				if secret.IsName(c.Text("name")) {
					c.Session.Hide(v)
				}
				return starlark.String(v), nil
			}
			if c.Given("default") {
				return c.Value("default"), nil
			}
			return nil, &host.Error{Kind: "not_found", Message: c.Text("name") + " is not set in the environment"}
		},
	}}
}
