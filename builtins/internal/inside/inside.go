// Package inside is what a function in Starlark does in an open transaction, whether it is
// that of a migration, of transaction() or of a test.
//
//	rows := inside.Methods(inside.Place{Of: "tx", Transaction: "the transaction", Example: "%s"}, tx)
package inside

import (
	"errors"
	"fmt"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Place is where the methods are, for their documentation.
type Place struct {
	Of          string // the name of the object, such as "db"
	Transaction string // which it is, such as "the transaction of the migration"
	Example     string // the lines around a statement, with %s in its place
}

// Methods returns the methods that write, execute and execute_many, for a transaction.
func Methods(p Place, tx *runner.Tx) []*row.Builtin {
	t := &statements{tx: tx}
	return []*row.Builtin{{
		Name: p.Of + ".execute", Params: []row.Param{row.NewParam("sql", "string", "", "one statement"), row.SQLParams},
		Returns: "int: the number of rows inserted, updated and deleted, by triggers and foreign keys too", Effect: row.Writes, Errors: []string{"sql", "usage"},
		Doc: `Runs a statement in ` + p.Transaction + `.
A statement that would end the transaction, or change the version, is refused.`,
		Example: fmt.Sprintf(p.Example, p.Of+`.execute("alter table customers add column city text")`),
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			n, err := t.execute(c.Text("sql"), c.Value("params"))
			return starlark.MakeInt64(n), Failure(c, err)
		},
	}, {
		Name: p.Of + ".execute_many", Params: []row.Param{
			row.NewParam("sql", "string", "", "one statement"),
			row.NewParam("rows", "any", "", "for each run, the values of its parameters: a list for ?, or a dict for :name; taken one at a time")},
		Returns: "int: the number of rows inserted, updated and deleted, by triggers and foreign keys too", Effect: row.Writes, Errors: []string{"sql", "usage"},
		Doc: `Runs a statement many times in ` + p.Transaction + `, but compiles it once.
If a run fails, the error names its row, as rows[2] for the third. If attempt catches
that, the runs before it remain.`,
		Example: fmt.Sprintf(p.Example, p.Of+`.execute_many("insert into customers (name) values (?)", [["Ada"], ["Grace"]])`),
		When:    row.InTask, Do: t.executeMany,
	}}
}

// statements run in a transaction.
type statements struct {
	tx   *runner.Tx
	args []any // memory for those of the next one
}

// execute runs a statement, with params as for [row.SQLValues].
func (t *statements) execute(sql string, params starlark.Value) (changed int64, err error) {
	free := t.args[:0]
	t.args = nil // a function that SQL calls meanwhile has others
	args, err := row.AppendSQLValues(free, params)
	if err != nil {
		return 0, err
	}
	changed, err = t.tx.Exec(sql, args...)
	clear(args)
	t.args = args
	return changed, err
}

func (t *statements) executeMany(c *row.Call) (starlark.Value, error) {
	rows, ok := c.Value("rows").(starlark.Iterable)
	if !ok {
		return nil, row.Misuse("rows must be a list of lists or dicts, not %s", "", c.Value("rows").Type())
	}
	i := -1 // the row that runs
	n, err := t.tx.ExecMany(c.Text("sql"), func(yield func([]any, error) bool) {
		var args []any
		for one := range starlark.Elements(rows) {
			i++
			if _, ok := one.(starlark.Iterable); !ok {
				yield(nil, row.Misuse("it must be a list or a dict, not %s", "[value] is a list with one value", one.Type()))
				return
			}
			var err error
			if args, err = row.AppendSQLValues(args[:0], one); !yield(args, err) {
				return
			}
			clear(args)
		}
	})
	if err != nil && i >= 0 {
		err = ofRow(i, err)
	}
	return starlark.MakeInt64(n), Failure(c, err)
}

// ofRow returns err with the number of its row.
func ofRow(i int, err error) error {
	switch e := err.(type) {
	case *core.Error:
		of := *e
		of.Err = fmt.Errorf("rows[%d]: %w", i, e.Err)
		return &of
	case *host.Error:
		of := *e
		of.Message = fmt.Sprintf("rows[%d]: %s", i, e.Message)
		return &of
	}
	return fmt.Errorf("rows[%d]: %w", i, err)
}

// Failure returns err as a workflow meets it: with the kind sql if nothing tells another. A
// call may have made it one already.
func Failure(c *row.Call, err error) error {
	if err == nil || errors.As(err, new(*core.Error)) || errors.As(err, new(*host.Error)) {
		return err
	}
	err = c.Failure(err)
	if e, ok := err.(*host.Error); ok && e.Kind == "failed" {
		e.Kind = "sql"
	}
	return err
}
