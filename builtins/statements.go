package builtins

import (
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/data"

	"go.starlark.net/starlark"
)

func (set *Set) statements() []*row.Builtin {
	return []*row.Builtin{{
		Name: "query", Params: []row.Param{
			row.NewParam("db", "path", "", "the database file"),
			row.NewParam("sql", "string", "", "one statement that only reads"),
			row.NewParam("params", "list", "[]", "the values of its parameters (?), in their order"),
			row.NewParam("max_rows", "int", "10000", "fail if there are more rows; 0: no limit")},
		Returns: "Rows, true if there are any: rows[0], for row in rows, rows.one, rows.scalar, rows.columns; a Row has row.name, row[\"name\"], row[0]",
		Effect:  row.Reads, Errors: []string{"busy", "damaged", "denied", "not_found", "sql", "usage"},
		Doc: `Reads rows from a database. It cannot write, whatever the statement.
NULL becomes None, INTEGER int, REAL float, TEXT string, BLOB bytes; a date is the
stored text or number. rows.one is the only row, rows.scalar the only column of the
only row; both fail if there are more.`,
		Example: `rows = query("data/shop.db", "select id, name from customers where id >= ?", [1])
for row in rows:
    print(row.id, row["name"])
print(query("data/shop.db", "select count(*) from customers").scalar)`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			args, err := row.SQLValues(c.Value("params"))
			if err != nil {
				return nil, err
			}
			limit := 10000
			if c.Given("max_rows") {
				limit = c.Number("max_rows")
			}
			r, err := data.Query(c.Session, set.db(c), c.Text("sql"), args, limit, set.o.Core)
			return &row.Rows{Rows: r}, err
		},
	}, {
		Name: "execute", Params: []row.Param{
			row.NewParam("db", "path", "", "the database file"),
			row.NewParam("sql", "string", "", "statements; only one if there are parameters"),
			row.NewParam("params", "list", "[]", "the values of its parameters (?), in their order")},
		Returns: "Executed(rows, cascaded): the number of rows inserted, updated and deleted, by triggers and foreign keys too, and a dict from table to the number changed by foreign keys",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found", "sql", "usage"},
		Doc: `Changes a database: applies all statements, or none, in one transaction.
Statements that cannot be in a transaction are refused, and so is a change of the
version.
Foreign keys work as after PRAGMA foreign_keys = ON: ON DELETE CASCADE and the other
actions run, except for DROP TABLE, ALTER TABLE and rebuilds, and new rows without a
parent are refused at the end. cascaded counts the rows changed by actions, and by
triggers in the same tables. REPLACE is refused where it would delete a row that others
refer to; use INSERT ... ON CONFLICT (id) DO UPDATE SET name = excluded.name instead.
With foreign_key_check = no in the configuration file, foreign keys have no effect
here. In migrations, actions run only in a .sql after its line PRAGMA foreign_keys = ON.`,
		Example: `print(execute("data/shop.db", "update customers set name = ? where id = ?", ["Ada", 1]).rows)`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			args, err := row.SQLValues(c.Value("params"))
			if err != nil {
				return nil, err
			}
			o, cascaded := set.o.Core, map[string]int64{}
			o.OnCascade = func(rows map[string]int64) { cascaded = rows }
			n, err := data.Execute(c.Session, set.db(c), c.Text("sql"), args, o)
			if err != nil {
				return nil, err
			}
			return row.NewRecord("Executed", true, "rows", n, "cascaded", cascaded), nil
		},
	}}
}
