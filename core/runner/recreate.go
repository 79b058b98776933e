package runner

import (
	"errors"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/schema"
)

// Recreate gives a table of the database another definition, by the script that
// [schema.Rebuild] gives for it: its rows, indexes and triggers stay, and so do the views,
// triggers and foreign keys elsewhere that name it. NewSQL and values are those of
// schema.Rebuild. All of it happens, or nothing. Errors: those of schema.Rebuild and
// [Tx.Exec].
func (t *Tx) Recreate(table, newSQL string, values map[string]string) (err error) {
	x := t.x
	if err := t.usable(); err != nil {
		return err
	}
	have, err := file.Objects(x.C)
	if err != nil {
		return x.Diagnose(err)
	}
	script, err := schema.Rebuild(t.ctx, have, table, newSQL, values)
	if err != nil {
		return err
	}
	if err := t.writes(); err != nil { // a table that is being read cannot be dropped
		return err
	}
	if x.Enforced != nil {
		x.C.SetForeignKeys(false)
		defer x.C.SetForeignKeys(true)
	}
	if err := x.C.Exec("SAVEPOINT " + session.Guard); err != nil {
		return x.Diagnose(err)
	}
	defer func() {
		switch {
		case x.C.Autocommit():
			t.over = errors.New("a statement has ended the transaction")
		case err != nil:
			err = errors.Join(err, x.C.Exec("ROLLBACK TO "+session.Guard), x.C.Exec("PRAGMA legacy_alter_table = OFF"), x.C.Exec("RELEASE "+session.Guard))
		default:
			err = x.Diagnose(x.C.Exec("RELEASE " + session.Guard))
		}
	}()
	sc := split.New([]byte(script))
	for {
		st, ok := sc.Next()
		if !ok {
			return nil
		}
		sql := script[st.Start:st.End]
		err := x.AsScript(func() error { return x.C.Exec(sql) })
		x.Statements++
		if d := (*session.Denied)(nil); errors.As(err, &d) {
			return d
		}
		if err != nil {
			return x.InStatement(sql, err)
		}
	}
}
