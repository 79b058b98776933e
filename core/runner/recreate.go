package runner

import (
	"errors"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/schema"
)

// Recreate gives a table a new definition, with the script of [schema.Rebuild], which
// explains newSQL and values. The table keeps its rows, indexes and triggers; views,
// triggers and foreign keys elsewhere that name it stay too. After an error, nothing has
// changed. Errors: those of [schema.Rebuild] and [Tx.Exec].
func (t *Tx) Recreate(table, newSQL string, values map[string]string) (err error) {
	x := t.session
	if err := t.usable(); err != nil {
		return err
	}
	have, err := file.Objects(x.Conn)
	if err != nil {
		return x.Diagnose(err)
	}
	script, err := schema.Rebuild(t.ctx, have, table, newSQL, values)
	if err != nil {
		return err
	}
	if err := t.beforeWrite(); err != nil { // a table that is being read cannot be dropped
		return err
	}
	if x.Enforced != nil {
		x.Conn.SetForeignKeys(false)
		defer x.Conn.SetForeignKeys(true)
	}
	if err := x.Conn.Exec("SAVEPOINT " + plan.GuardSavepoint); err != nil {
		return x.Diagnose(err)
	}
	defer func() {
		switch {
		case x.Conn.Autocommit():
			t.failed = errors.New("a statement has ended the transaction")
		case err != nil:
			err = errors.Join(err, x.Conn.Exec("ROLLBACK TO "+plan.GuardSavepoint), x.Conn.Exec("PRAGMA legacy_alter_table = OFF"), x.Conn.Exec("RELEASE "+plan.GuardSavepoint))
		default:
			err = x.Diagnose(x.Conn.Exec("RELEASE " + plan.GuardSavepoint))
		}
	}()
	sc := split.New([]byte(script))
	for {
		st, ok := sc.Next()
		if !ok {
			return nil
		}
		sql := script[st.Start:st.End]
		if err := x.BeforeRebuild([]byte(sql)); err != nil {
			return err
		}
		err := x.AsScript(func() error { return x.Conn.Exec(sql) })
		x.Statements++
		if d := (*session.Refusal)(nil); errors.As(err, &d) {
			return d
		}
		if err != nil {
			return x.ErrorIn(sql, err)
		}
	}
}
