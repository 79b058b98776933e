package core

import (
	"context"
	"errors"

	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
)

// Transact calls do with a transaction of its own on the database at path, which
// is committed if do succeeds, and else undone as a whole. Foreign
// keys are as for Execute. Errors: that of do,
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
	x := newExecution(d.db, d.o.script(), c, &plan.Script{Name: statement}, true)
	defer x.close()
	err = x.transact(func() error {
		if err := x.enforce(); err != nil {
			return err
		}
		run := func(_ context.Context, _ naming.Migration, _ []byte, tx *Tx) error { return do(tx) }
		if _, err := x.runner(ctx, part{m: naming.Migration{Name: statement}, run: run}); err != nil {
			return err
		}
		return x.enforced.settle()
	})
	if err == nil {
		x.enforced.told()
	}
	if v := (*violated)(nil); errors.As(err, &v) {
		return v.error
	}
	return err
}
