package builtins

import (
	"fastmigrate/core"

	"go.starlark.net/starlark"
)

var statements = []*Builtin{{
	Name: "query", Params: []Param{
		{"db", "path", "", "the database file"},
		{"sql", "string", "", "one statement that only reads"},
		{"params", "list", "[]", "the values of its parameters (?), in their order"},
		{"max_rows", "int", "10000", "more rows than this are an error; 0: any number"}},
	Returns: "Rows, true if there are any: rows[0], for row in rows, rows.one, rows.scalar, rows.columns; a Row has row.name, row[\"name\"], row[0]",
	Effect:  Reads, Errors: []string{"busy", "damaged", "denied", "not_found", "sql", "usage"},
	Doc: `Asks a database. It cannot write, whatever the statement.
NULL is None, an INTEGER an int, a REAL a float, a TEXT a string, a BLOB bytes; a
date is the text or number that is stored. rows.one is the only row there is,
rows.scalar its only column.`,
	Example: `rows = query("data/shop.db", "select id, name from customers where id >= ?", [1])
for row in rows:
    print(row.id, row["name"])
print(query("data/shop.db", "select count(*) from customers").scalar)`,
	when: inTask, do: func(c *call) (starlark.Value, error) {
		args, err := sqlValues(c.value("params"))
		if err != nil {
			return nil, err
		}
		limit := 10000
		if c.given("max_rows") {
			limit = c.number("max_rows")
		}
		r, err := core.Query(c.session, c.db("db"), c.text("sql"), args, limit, c.core())
		return &rows{r}, err
	},
}, {
	Name: "execute", Params: []Param{
		{"db", "path", "", "the database file"},
		{"sql", "string", "", "statements; one, if it has parameters"},
		{"params", "list", "[]", "the values of its parameters (?), in their order"}},
	Returns: "Executed(rows): how many were inserted, updated and deleted",
	Effect:  Writes, Errors: []string{"busy", "damaged", "denied", "not_found", "sql", "usage"},
	Doc: `Changes a database: all of the statements happen, or none, in one transaction.
What cannot be in a transaction is refused, and so is a change of the version.`,
	Example: `print(execute("data/shop.db", "update customers set name = ? where id = ?", ["Ada", 1]).rows)`,
	when:    inTask, do: func(c *call) (starlark.Value, error) {
		args, err := sqlValues(c.value("params"))
		if err != nil {
			return nil, err
		}
		n, err := core.Execute(c.session, c.db("db"), c.text("sql"), args, c.core())
		if err != nil {
			return nil, err
		}
		return newRecord("Executed", true, "rows", n), nil
	},
}}
