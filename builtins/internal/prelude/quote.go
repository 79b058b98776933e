package prelude

import (
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/data"

	"go.starlark.net/starlark"
)

// quoting is the function for names in SQL.
var quoting = []*row.Builtin{{
	Name: "quote_name", Params: []row.Param{row.NewParam("name", "string", "", "of a table, a column or another object")},
	Returns: "string: the name in double quotes", Effect: row.None, Errors: []string{"usage"},
	Doc: `Quotes a name for SQL, where a parameter cannot stand for it.
Values need no quotes: give them as parameters.`,
	Example: `print("select count(*) from " + quote_name("order"))`,
	Do: func(c *row.Call) (starlark.Value, error) {
		quoted, err := data.QuoteName(c.Text("name"))
		if err != nil {
			return nil, row.Misuse("quote_name: %v", "", err)
		}
		return starlark.String(quoted), nil
	},
}}
