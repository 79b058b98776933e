package builtins

import (
	"fastmigrate/builtins/internal/inside"
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/data"
	"fastmigrate/core/filename"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Transaction returns the methods of tx, which transaction() passes to its function.
func Transaction() []*Builtin { return new(Set).inTransaction(nil) }

func (set *Set) transactions() []*row.Builtin {
	return []*row.Builtin{{
		Name: "transaction", Params: []row.Param{
			row.NewParam("db", "path", "", "the database file"),
			row.NewParam("fn", "function", "", "is called with the transaction: see tx.query, tx.execute and tx.execute_many")},
		Returns: "what fn returns", Effect: row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found", "sql", "usage"},
		Doc: `Calls a function in one transaction, and commits what it did, or nothing.
It is rolled back if the function fails, and on an interrupt or a timeout. It begins with
BEGIN IMMEDIATE: others can read meanwhile, but not write. Inside of it, only tx reaches
the database. Foreign keys work as in execute, and are checked at the end.`,
		Example: `def merge(keep = 1, drop = 2):
    def both(tx):
        moved = tx.execute("update orders set customer = :keep where customer = :drop", {"keep": keep, "drop": drop})
        tx.execute("delete from customers where id = ?", [drop])
        return moved

    print(transaction("data/shop.db", both), "orders moved")`,
		When: row.InTask, Do: set.transact,
	}}
}

// inTransaction returns the methods of an open transaction.
func (set *Set) inTransaction(tx *runner.Tx) []*row.Builtin {
	place := inside.Place{Of: "tx", Transaction: "the transaction", Example: `transaction("data/shop.db", lambda tx: %s)`}
	return append([]*row.Builtin{{
		Name: "tx.query", Params: []row.Param{row.NewParam("sql", "string", "", "one statement that only reads"), row.SQLParams, maxRows},
		Returns: "Rows, as of query", Effect: row.Reads, Errors: []string{"sql", "usage"},
		Doc:     `Reads rows in the transaction, with what it has changed.`,
		Example: `print(transaction("data/shop.db", lambda tx: tx.query("select count(*) from customers").scalar))`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			return rowsOf(c, func(sql string, args []any, limit int) (data.Rows, error) {
				r, err := data.QueryIn(tx, sql, args, limit)
				return r, inside.Failure(c, err)
			})
		},
	}}, inside.Methods(place, tx)...)
}

// transact is transaction().
func (set *Set) transact(c *row.Call) (v starlark.Value, err error) {
	path, began := set.db(c), false
	var failed error // of fn, which says where by itself
	err = data.Transact(c.Session, path, func(tx *runner.Tx) error {
		began = true
		defer enter(c.Thread, path)()
		methods := row.MethodsOf(set.inTransaction(tx), "tx", set.migrations)
		v, failed = starlark.Call(c.Thread, c.Value("fn"), starlark.Tuple{&row.Object{Name: "tx", Methods: methods}}, nil)
		return failed
	}, set.o.Core)
	if err != nil && began {
		set.log("%s: rolled back the transaction", c.Session.Shown(path))
	}
	if failed != nil {
		return nil, failed
	}
	return v, err
}

// open is a transaction that is open in a thread.
type open struct {
	path  string
	outer *open // nil: none
}

const openIn = "fastmigrate.transaction"

// enter records that the transaction on the database at path is open, until leave is called.
func enter(thread *starlark.Thread, path string) (leave func()) {
	outer, _ := thread.Local(openIn).(*open)
	thread.SetLocal(openIn, &open{path, outer})
	return func() { thread.SetLocal(openIn, outer) }
}

// aside makes b, which takes a database, refuse one whose transaction is open around the
// call: it would wait for that transaction to end.
func (set *Set) aside(b *row.Builtin) {
	do := b.Do
	b.Do = func(c *row.Call) (starlark.Value, error) {
		for o, _ := c.Thread.Local(openIn).(*open); o != nil; o = o.outer {
			if path := set.db(c); filename.Same(path, o.path) {
				e := &host.Error{Kind: "usage", Message: b.Name + ": the transaction around this call holds " + c.Session.Shown(path)}
				switch b.Name {
				case "query", "execute":
					e.Hint = "use tx." + b.Name + " inside the transaction"
				default:
					e.Hint = "call " + b.Name + " before or after the transaction"
				}
				return nil, e
			}
		}
		return do(c)
	}
}
