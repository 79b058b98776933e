// A backfill that a Runner asks for.

package runner

import (
	"cmp"
	"fmt"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
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
	job, why, err := backfill.New(t.x.Conn, backfill.Spec(b))
	switch {
	case err != nil:
		return fmt.Errorf("backfill %s: %w", b.Table, t.x.Diagnose(err))
	case why != "":
		return refuse("%s", why)
	}
	for _, sql := range job.Probes() {
		s, err := t.statement(sql, nil, true)
		if err != nil {
			return err
		}
		t.release(sql, s)
	}
	s, err := t.prepare(job.Update)
	if err != nil {
		return err
	}
	s.Close()
	t.backfill = job
	return nil
}
