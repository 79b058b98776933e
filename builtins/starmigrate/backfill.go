package starmigrate

import (
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// backfill is the function of that name.
func (m *migration) backfill() *row.Builtin {
	return &row.Builtin{
		Name: "backfill", Params: []row.Param{
			row.NewParam("db", "any", "", "what migrate was given"),
			row.NewParam("table", "string", "", "of the rows"),
			row.NewParam("where", "string", "", "an SQL expression: which rows"),
			row.NewParam("set", "dict", "", "by the name of a column, an SQL expression for its new value; it may call functions of db.create_function"),
			row.NewParam("batch", "int", "5000", "how many rows one transaction looks at")},
		Returns: "None", Effect: row.Writes, Errors: []string{"migration", "sql", "usage"},
		Doc: `Updates the rows of a table that is too large for one transaction.
It does so once migrate has returned, batch by batch in the order of the primary key,
each in a transaction of its own together with how far it is: after an interrupt or
a kill, the next run goes on there. So the migration is not atomic, and writes nothing
else. Each row is updated once, but not one that others add behind those done.`,
		Example: `def migrate(db):
    db.create_function("tidy", lambda s: s.strip())
    backfill(db, "customers", where = "name <> tidy(name)", set = {"name": "tidy(name)"})`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			if o, ok := c.Value("db").(*row.Object); !ok || o.Name != "db" {
				return nil, &host.Error{Kind: "usage", Message: "backfill: db is not what migrate was given", Hint: c.Builtin.Signature()}
			}
			set, err := expressions(c, "set")
			if err != nil {
				return nil, err
			}
			if c.Given("batch") && c.Number("batch") == 0 {
				return nil, &host.Error{Kind: "usage", Message: "backfill: no rows in a batch"}
			}
			return starlark.None, m.tx.Backfill(runner.Backfill{Table: c.Text("table"), Where: c.Text("where"), Set: set, Batch: c.Number("batch")})
		},
	}
}
