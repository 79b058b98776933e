package runner

import (
	"cmp"
	"fmt"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
)

// Backfill is an update of many rows: see [Tx.Backfill].
type Backfill struct {
	Table string            // has rowids, or a primary key of one column
	Where string            // SQL expression: which rows
	Set   map[string]string // SQL expressions for the new values, by column, none of the primary key
	Batch int               // rows of the table that one transaction looks at; zero: 5000
}

// Backfill updates rows once the Runner has returned, batch by batch in the order of the
// primary key, each batch in a transaction of its own: if the run is killed, the next one
// resumes after the last batch. So the migration is not atomic, and must do nothing else.
// When the work is resumed, the Runner is called again, and has to ask for the same. A row
// is updated once; a row that others insert among those that are done is not.
// Foreign keys are enforced, with their actions.
//
// Errors: [fault.ErrRefused] if the migration writes or has another backfill, or if the
// table has no key to go by; [fault.ErrApart] with Options.Atomic, [fault.ErrUnrecorded]
// with Options.NoHistory; what SQLite says of the expressions.
func (t *Tx) Backfill(b Backfill) error {
	if err := t.usable(); err != nil {
		return err
	}
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("backfill %s: %w", b.Table, fault.Of(fault.ErrRefused, format, args...))
	}
	b.Batch = cmp.Or(b.Batch, 5000)
	switch {
	case t.noBackfill != nil:
		return fmt.Errorf("backfill %s: %w", b.Table, t.noBackfill)
	case t.backfill != nil:
		return refuse("this migration already has a backfill: put this one into another migration")
	case t.wrote:
		return refuse("the migration has already written: put the backfill into a migration of its own")
	case len(b.Set) == 0 || b.Batch < 0:
		return refuse("there is nothing to set, or the batch has no rows")
	}
	job, why, err := backfill.New(t.session.Conn, backfill.Spec(b))
	switch {
	case err != nil:
		return fmt.Errorf("backfill %s: %w", b.Table, t.session.Diagnose(err))
	case why != "":
		return refuse("%s", why)
	}
	for _, sql := range job.Probes() {
		s, err := t.readingStatement(sql, nil)
		if err != nil {
			return err
		}
		t.release(s)
	}
	s, err := t.prepare(job.Update)
	if err != nil {
		return err
	}
	s.Close()
	t.backfill = job
	return nil
}
