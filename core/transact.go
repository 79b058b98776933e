package core

import (
	"context"
	"errors"
)

// Transact calls do with a transaction of its own on the database at path, which
// is committed if do succeeds, and else undone as a whole. Rows that violate a
// foreign key are refused in the tables that were written to. Errors: that of do,
// and those of Execute.
func Transact(ctx context.Context, path string, do func(*Tx) error, o Options) (err error) {
	defer wrap(&err, "execute", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return err
	}
	c, err := d.write(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	x := newExecution(d, c, &script{name: statement}, false)
	defer x.close()
	err = x.transact(func() error {
		run := func(_ context.Context, _ Migration, _ []byte, tx *Tx) error { return do(tx) }
		_, err := x.runner(ctx, part{m: Migration{Name: statement}, run: run})
		return err
	})
	if v := (*violated)(nil); errors.As(err, &v) {
		return v.error
	}
	return err
}
