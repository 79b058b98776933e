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
		Doc: `Calls a function at the end of the task: on success, failure, interrupt or timeout.
Deferred functions are called in reverse order. Each call may take 10 seconds, not
counting the time in backup_db, backups, restore_db and check_db. If a call fails or
takes longer, the others still run. A second Ctrl-C stops them.`,
		Example: `defer(print, "over")
print("at work")`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			c.Session.Defer(c.Value("fn").(starlark.Callable), c.Args, c.Kwargs)
			return starlark.None, nil
		},
	}, {
		Name: "confirm", Params: []row.Param{row.NewParam("question", "string", "", "a question to answer with yes or no")},
		Returns: "bool", Effect: row.None, Errors: []string{"denied"},
		Doc: `Asks the user to answer yes or no.
The flag --yes answers yes. Without a terminal and without --yes, it fails.`,
		Example: `if attempt(confirm, "Continue?").value:
    print("continuing")`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			question := c.Session.Mask(c.Thread, c.Text("question"))
			if set.o.Confirm == nil {
				return nil, &host.Error{Kind: "denied", Message: "no one can be asked: " + question, Hint: "--yes answers yes"}
			}
			yes, err := set.o.Confirm(c.Session, question)
			return starlark.Bool(yes), err
		},
	}, {
		Name: "env", Params: []row.Param{
			row.NewParam("name", "string", "", "name of the variable"),
			row.NewParam("default", "any", "None", "the value if the variable is not set, or empty; None: this is an error")},
		Returns: "string", Effect: row.None, Errors: []string{"not_found"},
		Doc:     `Returns an environment variable.`,
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
