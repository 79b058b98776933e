package data

import (
	"context"
	"errors"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/runner"
)

// Execute runs statements that write in one transaction, all of them or none, and returns
// the number of rows inserted, updated and deleted, including by triggers and foreign
// keys. With args, sql must be one statement, and args are its parameters (?), in their order. Execute refuses statements that cannot be
// in a transaction or would change the version table, and rows that violate a foreign key,
// unless [core.Options.NoForeignKeyCheck] permits them. Foreign keys are enforced as in an
// application: actions run, except for DROP TABLE and ALTER TABLE, and a REPLACE that would
// delete a row that other rows refer to is refused. Execute uses the NoForeignKeyCheck,
// OnCascade, OnProgress, LockTimeout, Logger and Trial of opts.
//
// Errors: those of [Query]; [core.ErrForeignKey], [fault.ErrReplaced], [core.ErrReadOnly].
func Execute(ctx context.Context, path, sql string, args []any, opts core.Options) (changed int64, err error) {
	defer core.Wrap(&err, fault.OpExecute, path)
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return 0, err
	}
	if err := session.CheckValues(args); err != nil {
		return 0, err
	}
	s, err := plan.Parse(session.NoFile, []byte(sql), 0)
	if err != nil {
		return 0, err
	}
	if err := checkOneTransaction(s); err != nil {
		return 0, err
	}
	s.Says = directive.Directives{} // what is in no file has no first lines
	one := session.CheckSingle(sql)
	if len(args) > 0 && one != nil {
		return 0, one
	}
	defer d.ReportProgress()()
	err = excuse.Existing(ctx, d.DB, func(knowing bool) error {
		c, err := d.OpenWrite(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		x := session.New(d.DB, d.Opts.Session(), c, s, knowing)
		defer x.Close()
		err = x.Transact(func() error {
			if err := x.Enforce(); err != nil {
				return err
			}
			if one == nil && (len(args) > 0 || len(s.Steps[0].Specials) == 0) {
				err = x.RunBound(sql, args)
			} else {
				for _, u := range s.Steps {
					if err = x.RunInside(u); err != nil {
						break
					}
				}
			}
			changed = x.Rows()
			if err == nil {
				err = x.Enforced.Finish()
			}
			return err
		})
		if err == nil {
			x.Enforced.ReportCascades()
		}
		return err
	})
	return changed, err
}

// checkOneTransaction refuses a script that has a statement which cannot be in a
// transaction.
func checkOneTransaction(s *plan.Script) error {
	for _, u := range s.Steps {
		if u.Kind != plan.Transaction {
			key, st := fault.NotInOne, s.StatementAt(u.Start, u.End)
			if st.Name == "foreign_keys" {
				key = fault.KeysSet
			}
			return s.At(st.Start, &fault.Reason{Key: key, Err: fault.Of(fault.ErrRefused, "this cannot be in the transaction of the statements")})
		}
	}
	return nil
}

// Transact calls do with a new transaction on the database at path, commits it if do
// succeeds, and rolls it back otherwise. Foreign keys and opts are handled as by [Execute].
// Errors: that of do, and those of [Execute].
func Transact(ctx context.Context, path string, do func(*runner.Tx) error, opts core.Options) (err error) {
	defer core.Wrap(&err, fault.OpExecute, path)
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return err
	}
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	x := session.New(d.DB, d.Opts.Session(), c, &plan.Script{Name: session.NoFile}, true)
	defer x.Close()
	err = x.Transact(func() error {
		if err := x.Enforce(); err != nil {
			return err
		}
		run := func(_ context.Context, _ naming.Migration, _ []byte, tx *runner.Tx) error { return do(tx) }
		if _, err := runner.Run(ctx, x, naming.Migration{Name: session.NoFile}, nil, run, nil); err != nil {
			return err
		}
		return x.Enforced.Finish()
	})
	if err == nil {
		x.Enforced.ReportCascades()
	}
	if v := (*excuse.Failure)(nil); errors.As(err, &v) {
		return v.Unwrap()
	}
	return err
}
