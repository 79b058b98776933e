package core

import (
	"errors"

	"fastmigrate/core/internal/file"
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
	have, err := file.Objects(x.c)
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
	if x.enforced != nil {
		x.c.SetForeignKeys(false)
		defer x.c.SetForeignKeys(true)
	}
	if err := x.c.Exec("SAVEPOINT " + guard); err != nil {
		return x.Diagnose(err)
	}
	defer func() {
		switch {
		case x.c.Autocommit():
			t.over = errors.New("a statement has ended the transaction")
		case err != nil:
			err = errors.Join(err, x.c.Exec("ROLLBACK TO "+guard), x.c.Exec("PRAGMA legacy_alter_table = OFF"), x.c.Exec("RELEASE "+guard))
		default:
			err = x.Diagnose(x.c.Exec("RELEASE " + guard))
		}
	}()
	sc := split.New([]byte(script))
	for {
		st, ok := sc.Next()
		if !ok {
			return nil
		}
		sql := script[st.Start:st.End]
		err := x.asScript(func() error { return x.c.Exec(sql) })
		x.statements++
		if d := (*denied)(nil); errors.As(err, &d) {
			return d
		}
		if err != nil {
			return x.inStatement(sql, err)
		}
	}
}
