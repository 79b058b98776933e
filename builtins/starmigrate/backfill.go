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
			row.NewParam("db", "any", "", "the argument of migrate"),
			row.NewParam("table", "string", "", "the table to update"),
			row.NewParam("where", "string", "", "an SQL expression that selects the rows"),
			row.NewParam("set", "dict", "", "a dict from the name of a column to an SQL expression for its new value, which may call functions of db.create_function"),
			row.NewParam("batch", "int", "5000", "the number of rows that one transaction visits")},
		Returns: "None", Effect: row.Writes, Errors: []string{"migration", "sql", "usage"},
		Doc: `Updates the rows of a table that is too large for one transaction.
It starts after migrate has returned, and updates the rows in batches, in the order of
the primary key. Each batch is a transaction that also records the progress, so after an
interrupt or a kill the next run resumes there. The migration is therefore not atomic,
and cannot write anything else. Each row is updated once; rows that other programs
insert before the current position are not.`,
		Example: `def migrate(db):
    db.create_function("tidy", lambda s: s.strip())
    backfill(db, "customers", where = "name <> tidy(name)", set = {"name": "tidy(name)"})`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			if o, ok := c.Value("db").(*row.Object); !ok || o.Name != "db" {
				return nil, &host.Error{Kind: "usage", Message: "backfill: db must be the argument of migrate", Hint: c.Builtin.Signature()}
			}
			set, err := expressions(c, "set")
			if err != nil {
				return nil, err
			}
			if c.Given("batch") && c.Number("batch") == 0 {
				return nil, &host.Error{Kind: "usage", Message: "backfill: a batch needs at least one row"}
			}
			return starlark.None, m.tx.Backfill(runner.Backfill{Table: c.Text("table"), Where: c.Text("where"), Set: set, Batch: c.Number("batch")})
		},
	}
}
