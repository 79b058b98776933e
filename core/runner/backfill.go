package runner

import (
	"cmp"
	"fmt"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
)

// Backfill is an update of many rows: see [Tx.Backfill].
type Backfill struct {
	Table string            // must have rowids, or a primary key of one column
	Where string            // SQL expression that selects the rows
	Set   map[string]string // SQL expressions for the new values, by column; columns of the primary key are not permitted
	Batch int               // rows of the table that one transaction reads; zero: 5000
}

// Backfill updates rows once the Runner has returned, batch by batch in the order of the
// primary key, each batch in its own transaction: if the run is killed, the next run
// resumes after the last batch. So the migration is not atomic, and must do nothing else.
// When it is resumed, the Runner is called again, and must ask for the same backfill. Each
// row is updated once; a row that others insert among rows already updated is not. Foreign
// keys are enforced, with their actions.
//
// Errors: [fault.ErrRefused] if the migration writes or has another backfill, or if the
// table has no suitable key; [fault.ErrApart] with Options.Atomic, [fault.ErrUnrecorded]
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
