package starmigrate

import (
	"iter"
	"strings"

	"fastmigrate/builtins/internal/row"

	"go.starlark.net/starlark"
)

// db returns the methods of db, as rows.
func (m *migration) db() []*row.Builtin {
	return []*row.Builtin{{
		Name: "db.query", Params: []row.Param{
			row.NewParam("sql", "string", "", "one statement that only reads"),
			row.NewParam("params", "list", "[]", "the values of its parameters (?), in their order")},
		Returns: "Query, true if there are any rows: for row in query, query.one, query.scalar, query.columns; a Row has row.name, row[\"name\"], row[0]",
		Effect:  row.Reads, Errors: []string{"sql", "usage"},
		Doc: `Reads rows one at a time, however many there are.
Rows may be updated while they are read: the query returns them as they were before the
first such change. A second loop over it runs the query again.`,
		Example: `def migrate(db):
    for row in db.query("select id, name from customers"):
        db.execute("update customers set name = ? where id = ?", [row.name.strip(), row.id])`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			args, err := row.SQLValues(c.Value("params"))
			if err != nil {
				return nil, err
			}
			q := &query{m: m, call: c, sql: c.Text("sql"), args: args}
			q.ready, err = m.tx.Query(q.sql, q.args...)
			if err != nil {
				return nil, err
			}
			q.columns = q.ready.Columns
			return q, nil
		},
	}, {
		Name: "db.scalar", Params: []row.Param{
			row.NewParam("sql", "string", "", "one statement that only reads"),
			row.NewParam("params", "list", "[]", "the values of its parameters (?), in their order")},
		Returns: "the only column of the only row", Effect: row.Reads, Errors: []string{"not_found", "sql", "usage"},
		Doc: `Reads one value.`,
		Example: `def migrate(db):
    print(db.scalar("select count(*) from customers"))`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			args, err := row.SQLValues(c.Value("params"))
			if err != nil {
				return nil, err
			}
			q := &query{m: m, call: c, sql: c.Text("sql"), args: args}
			if q.ready, err = m.tx.Query(q.sql, q.args...); err != nil {
				return nil, err
			}
			q.columns = q.ready.Columns
			return q.Attr("scalar")
		},
	}, {
		Name: "db.execute", Params: []row.Param{
			row.NewParam("sql", "string", "", "one statement"),
			row.NewParam("params", "list", "[]", "the values of its parameters (?), in their order")},
		Returns: "int: the number of rows inserted, updated and deleted, by triggers and foreign keys too", Effect: row.Writes, Errors: []string{"sql", "usage"},
		Doc: `Runs a statement in the transaction of the migration.
A statement that would end the transaction, or change the version, is refused.`,
		Example: `def migrate(db):
    db.execute("alter table customers add column city text")`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			n, err := m.execute(c.Text("sql"), c.Value("params"))
			return starlark.MakeInt64(n), err
		},
	}, {
		Name: "db.execute_many", Params: []row.Param{
			row.NewParam("sql", "string", "", "one statement"),
			row.NewParam("rows", "any", "", "for each run, a list with the values of its parameters (?)")},
		Returns: "int: the number of rows inserted, updated and deleted, by triggers and foreign keys too", Effect: row.Writes, Errors: []string{"sql", "usage"},
		Doc: `Runs a statement many times, but compiles it once.`,
		Example: `def migrate(db):
    db.execute_many("insert into customers (name) values (?)", [["Ada"], ["Grace"]])`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			rows, ok := c.Value("rows").(starlark.Iterable)
			if !ok {
				return nil, row.Misuse("rows must be a list of lists, not %s", "", c.Value("rows").Type())
			}
			changed := int64(0)
			for one := range starlark.Elements(rows) {
				values, ok := one.(starlark.Iterable)
				if !ok {
					return nil, row.Misuse("rows must be a list of lists, but one is %s", "[value] is a list with one value", one.Type())
				}
				n, err := m.execute(c.Text("sql"), values)
				if err != nil {
					return nil, err
				}
				changed += n
			}
			return starlark.MakeInt64(changed), nil
		},
	}, {
		Name: "db.create_function", Params: []row.Param{
			row.NewParam("name", "string", "", "name of the function in SQL"),
			row.NewParam("fn", "function", "", "is called with the arguments, and returns the value")},
		Returns: "None", Effect: row.None, Errors: []string{"usage"},
		Doc: `Makes a function callable from the SQL of this migration.
It must return the same value for the same arguments, and cannot use db.`,
		Example: `def migrate(db):
    db.create_function("slug", lambda s: s.lower().replace(" ", "-"))
    db.execute("update customers set name = slug(name)")`,
		When: row.InTask, Do: m.createFunction,
	}, {
		Name: "db.recreate_table", Params: []row.Param{
			row.NewParam("name", "string", "", "of a table"),
			row.NewParam("columns", "any", "", "definitions of columns and constraints, as in the parentheses of CREATE TABLE: a list, or one text; or a complete CREATE TABLE, to change STRICT or WITHOUT ROWID too"),
			row.NewParam("values", "dict", "{}", "a dict from the name of a new column to an SQL expression over the old row; other columns keep their values, or get their default")},
		Returns: "None", Effect: row.Writes, Errors: []string{"migration", "sql", "usage"},
		Doc: `Rebuilds a table with other columns and constraints, as ALTER TABLE cannot.
Rows, indexes, triggers, views, and foreign keys of other tables stay, and no row of
another table is deleted. If one of them needs a column that is gone, it fails.`,
		Example: `def migrate(db):
    db.recreate_table("customers", [
        "id INTEGER PRIMARY KEY",
        "name TEXT NOT NULL CHECK (name <> '')",
        "initial TEXT",
    ], values = {"initial": "substr(trim(name), 1, 1)"})`,
		When: row.InTask, Do: m.recreateTable,
	}, {
		Name: "db.table", Params: []row.Param{row.NewParam("name", "string", "", "of a table")},
		Returns: "Table(name, columns, indexes, foreign_keys, sql): lists of Column(name, type, not_null, default, primary_key), of Index(name, unique, columns) and of ForeignKey(columns, table, parent_columns)",
		Effect:  row.Reads, Errors: []string{"not_found", "sql"},
		Doc: `Returns the definition of a table.`,
		Example: `def migrate(db):
    if "city" not in [c.name for c in db.table("customers").columns]:
        db.execute("alter table customers add column city text")`,
		When: row.InTask, Do: m.table,
	}}
}

// execute runs a statement, with params as for [row.SQLValues].
func (m *migration) execute(sql string, params starlark.Value) (changed int64, err error) {
	free := m.args[:0]
	m.args = nil // a function that SQL calls meanwhile has others
	args, err := row.AppendSQLValues(free, params)
	if err != nil {
		return 0, err
	}
	changed, err = m.tx.Exec(sql, args...)
	clear(args)
	m.args = args
	return changed, err
}

// createFunction has SQL call a function of the file.
func (m *migration) createFunction(c *row.Call) (starlark.Value, error) {
	fn, thread := c.Value("fn").(starlark.Callable), c.Thread
	args := -1
	if f, ok := fn.(*starlark.Function); ok && !f.HasVarargs() && !f.HasKwargs() {
		args = f.NumParams()
		for i := range args {
			if f.ParamDefault(i) != nil {
				args = -1
				break
			}
		}
	}
	err := m.tx.Function(c.Text("name"), args, func(args []any) (any, error) {
		tuple := make(starlark.Tuple, len(args))
		for i, a := range args {
			tuple[i] = row.ToStarlark(a)
		}
		run := m.after
		if run == nil {
			run = func(fn starlark.Callable, args starlark.Tuple) (starlark.Value, error) {
				return starlark.Call(thread, fn, args, nil)
			}
		}
		v, err := run(fn, tuple)
		if err != nil {
			return nil, err
		}
		return row.SQLValue(1, v)
	})
	return starlark.None, err
}

// recreateTable is core's Recreate for definitions that may be a list.
func (m *migration) recreateTable(c *row.Call) (starlark.Value, error) {
	var columns string
	switch v := c.Value("columns").(type) {
	case starlark.String:
		columns = string(v)
	case starlark.Iterable:
		list, err := texts("columns", starlark.Elements(v))
		if err != nil {
			return nil, err
		}
		columns = strings.Join(list, ",\n    ")
	default:
		return nil, row.Misuse("columns must be a list of strings, not %s", "", v.Type())
	}
	values, err := expressions(c, "values")
	if err != nil {
		return nil, err
	}
	return starlark.None, m.tx.Recreate(c.Text("name"), columns, values)
}

// texts are the strings that a parameter lists.
func texts(param string, values iter.Seq[starlark.Value]) (list []string, err error) {
	for v := range values {
		s, ok := starlark.AsString(v)
		if !ok {
			return nil, row.Misuse("%s must be a list of strings, but one is %s", "", param, v.Type())
		}
		list = append(list, s)
	}
	return list, nil
}

// expressions are the SQL expressions that a parameter has for columns.
func expressions(c *row.Call, param string) (map[string]string, error) {
	list := map[string]string{}
	d, _ := c.Value(param).(*starlark.Dict)
	if d == nil {
		return list, nil
	}
	for _, kv := range d.Items() {
		name, ok := starlark.AsString(kv[0])
		text, isText := starlark.AsString(kv[1])
		if !ok || !isText {
			return nil, row.Misuse("%s must map the name of a column to an SQL expression, not %v to %v", `"1" is an expression, and "'a'" is a text`, param, kv[0], kv[1])
		}
		list[name] = text
	}
	return list, nil
}
