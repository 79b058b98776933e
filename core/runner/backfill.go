// A backfill that a Runner asks for.

package runner

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// Backfill is an update of many rows.
type Backfill struct {
	Table string            // has rowids, or a primary key of one column
	Where string            // SQL expression: which rows
	Set   map[string]string // SQL expressions for the new values, by column, none of the primary key
	Batch int               // rows of the table that one transaction looks at; zero: 5000
}

// Backfill has rows updated once the Runner has returned, batch by batch in the
// order of the primary key, each in a transaction of its own: a run that is
// killed has the next one go on after the last batch. So the migration is not
// atomic, and this is all that it may do; the Runner is called again when the
// work goes on, and then has to ask for the same. A row is updated once; one that
// others add behind those that are done is not. Foreign keys are enforced, with
// their actions.
//
// Errors: ErrRefused if the migration writes otherwise or has a backfill
// already, with Options.Atomic or Options.NoHistory, or if the table is none that
// can be gone through; what SQLite says of the expressions.
func (t *Tx) Backfill(b Backfill) error {
	if err := t.usable(); err != nil {
		return err
	}
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("backfill %s: %w", b.Table, fault.Of(fault.ErrRefused, format, args...))
	}
	b.Batch = cmp.Or(b.Batch, 5000)
	switch {
	case t.single != nil:
		return fmt.Errorf("backfill %s: %w", b.Table, t.single)
	case t.backfill != nil:
		return refuse("there is another in this migration: put it into one of its own")
	case t.wrote:
		return refuse("the migration has written before: put the backfill into one of its own")
	case len(b.Set) == 0 || b.Batch < 0:
		return refuse("there is nothing to set, or no row in a batch")
	}
	f := &Asked{Backfill: b}
	if why, err := f.prepare(t.x); err != nil {
		return fmt.Errorf("backfill %s: %w", b.Table, t.x.Diagnose(err))
	} else if why != "" {
		return refuse("%s", why)
	}
	for _, e := range append(slices.Collect(maps.Values(b.Set)), b.Where) {
		// An expression that is one here and in parentheses cannot end those around it.
		for _, sql := range []string{"SELECT " + e + "\nFROM " + f.table, "SELECT (" + e + "\n) FROM " + f.table} {
			s, err := t.statement(sql, nil, true)
			if err != nil {
				return err
			}
			t.release(sql, s)
		}
	}
	s, err := t.prepare(f.Update)
	if err != nil {
		return err
	}
	s.Close()
	t.backfill = f
	return nil
}

// Asked is one that was asked for. As an error, it ends the transaction of the
// Runner.
type Asked struct {
	Backfill
	table, key string // as they stand in a statement
	Update     string // takes the first and the last key of a batch
}

func (f *Asked) Error() string { return "a backfill has to be done" }

// prepare makes the statement, or says why there is none.
func (f *Asked) prepare(x *session.Session) (why string, err error) {
	t, found, err := catalog.Find(x.C, f.Table)
	if err != nil || !found {
		return "there is no such table", err
	}
	columns, err := catalog.Columns(x.C, t.Name)
	key := catalog.PrimaryNames(columns)
	f.Table, f.table = t.Name, "main."+sqlite.Quote(t.Name)
	f.key = catalog.Rowid(columns...)
	switch {
	case err != nil:
		return "", err
	case t.Kind != "table":
		return "it is a " + t.Kind, nil
	case t.WithoutRowid && len(key) != 1:
		return fmt.Sprintf("it has no rowid, and a primary key of %d columns", len(key)), nil
	case t.WithoutRowid:
		f.key = sqlite.Quote(key[0])
	case f.key == "":
		return "its columns have taken all names of the rowid", nil
	}
	f.key = sqlite.Quote(f.Table) + "." + f.key
	var set []string
	for _, name := range slices.Sorted(maps.Keys(f.Set)) {
		switch i := slices.IndexFunc(columns, func(c catalog.Column) bool { return strings.EqualFold(c.Name, name) }); {
		case i < 0:
			return "there is no column " + name, nil
		case columns[i].Key > 0:
			return fmt.Sprintf("the column %s is of the primary key, by which the rows are gone through", name), nil
		}
		set = append(set, fmt.Sprintf("%s = (%s\n)", sqlite.Quote(name), f.Set[name]))
	}
	// OR ABORT: an ON CONFLICT of the table could remove rows.
	f.Update = fmt.Sprintf("UPDATE OR ABORT %s SET %s WHERE %s BETWEEN ?1 AND ?2 AND (%s\n)", f.table, strings.Join(set, ", "), f.key, f.Where)
	return "", nil
}

// Sum tells the file and what it asked for from others.
func (f *Asked) Sum(text []byte) string {
	asked, _ := json.Marshal(f.Backfill)
	return plan.Checksum(fmt.Appendf(nil, "%s\n%s", plan.Checksum(text), asked))
}

// Value runs a query of the backfill that gives a key; ok if there is one.
func Value(x *session.Session, sql string, args ...any) (v any, ok bool, err error) {
	err = x.C.Query(func(s *sqlite.Stmt) error {
		v, ok = s.Value(0), true
		return session.ErrStop
	}, sql, args...)
	if err == session.ErrStop {
		err = nil
	}
	return v, ok, err
}

// Next finds the first row after a key, nil for the first of all, that is to be
// updated, and the last of its batch.
func (f *Asked) Next(x *session.Session, after any) (first, last any, found bool, err error) {
	where, args := "("+f.Where+"\n)", []any(nil)
	if after != nil {
		where, args = f.key+" > ?1 AND "+where, []any{after}
	}
	first, found, err = Value(x, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %[1]s LIMIT 1", f.key, f.table, where), args...)
	if err != nil || !found {
		return nil, nil, false, err
	}
	last, full, err := Value(x, fmt.Sprintf("SELECT %s FROM %s WHERE %[1]s >= ?1 ORDER BY %[1]s LIMIT 1 OFFSET %[3]d", f.key, f.table, f.Batch-1), first)
	if err == nil && !full {
		last, _, err = f.End(x)
	}
	return first, last, true, err
}

// End is the last key of the table.
func (f *Asked) End(x *session.Session) (any, bool, error) {
	return Value(x, fmt.Sprintf("SELECT %s FROM %s ORDER BY %[1]s DESC LIMIT 1", f.key, f.table))
}
