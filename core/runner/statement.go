// The statements of a Tx: compiled once, kept, and refused if they cannot be in the
// transaction.

package runner

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/enforce"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// compiled is a statement that is kept for the next time that its text comes.
type compiled struct {
	*sqlite.Stmt
	text      []byte
	running   bool // it cannot be taken by another
	kept      bool // among those that are ready
	footprint *enforce.Footprint
}

// maxReady is how many compiled statements a Tx keeps.
const maxReady = 100

// readingStatement is [Tx.statement] for one that only reads, and returns rows.
func (t *Tx) readingStatement(sql string, args []any) (*compiled, error) {
	s, err := t.statement(sql, args)
	if err == nil && (!s.ReadOnly() || s.Columns() == 0) {
		t.release(s)
		return nil, fault.Of(fault.ErrRefused, "the statement does not only read")
	}
	return s, err
}

// statement compiles a statement, or takes one that is ready, and binds args. It has to be
// released.
func (t *Tx) statement(sql string, args []any) (*compiled, error) {
	s, err := t.compile(sql)
	if err != nil {
		return nil, err
	}
	if err := t.bind(s, args); err != nil {
		t.release(s)
		return nil, err
	}
	return s, nil
}

// compile is [Tx.statement] without values.
func (t *Tx) compile(sql string) (*compiled, error) {
	if err := t.usable(); err != nil {
		return nil, err
	}
	s := t.ready[sql]
	if s == nil || s.running {
		if err := t.checkPermitted(sql); err != nil {
			return nil, err
		}
		p := t.session.Enforced.StartFootprint()
		st, err := t.prepare(sql)
		if err != nil {
			return nil, err
		}
		s = &compiled{Stmt: st, text: []byte(sql), kept: s == nil && len(t.ready) < maxReady, footprint: p}
		if s.kept {
			t.ready[sql] = s
		}
	}
	s.running = true
	return s, nil
}

// bind binds the values of a statement.
func (t *Tx) bind(s *compiled, args []any) error {
	if err := session.CheckValues(args); err != nil {
		return err
	}
	args, err := session.Arguments(s.Stmt, args)
	if err != nil {
		return err
	}
	return t.session.Diagnose(s.Bind(args...))
}

// prepare compiles a statement of the migration, under the guard of the session.
func (t *Tx) prepare(sql string) (*sqlite.Stmt, error) {
	x := t.session
	st, err := x.CompileBound(sql)
	x.Foreign.Lineage.NextName = ""
	if d := (*session.Refusal)(nil); errors.As(err, &d) {
		return nil, (&plan.Script{Name: session.NoFile, Text: []byte(sql)}).At(0, d)
	}
	if err != nil {
		return nil, x.ErrorIn(sql, err)
	}
	return st, nil
}

// release keeps a statement for the next time, or closes it.
func (t *Tx) release(s *compiled) {
	if !s.kept {
		s.Close()
		return
	}
	s.Reset()
	s.running = false
}

// checkPermitted refuses what cannot be in the transaction, and tells the check of foreign
// keys of a table that gets another name.
func (t *Tx) checkPermitted(sql string) error {
	if err := session.CheckSingle(sql); err != nil {
		return err
	}
	sc := split.New([]byte(sql))
	switch st, _ := sc.Next(); st.Kind {
	case split.Begin, split.Commit, split.Rollback, split.Savepoint, split.Release:
		return (&plan.Script{Name: session.NoFile, Text: []byte(sql)}).At(st.Start, &fault.Reason{Key: fault.OwnTransaction, Err: fault.Of(fault.ErrRefused, "this cannot be in the transaction")})
	}
	s, err := plan.Parse(session.NoFile, []byte(sql), 0)
	if err != nil {
		return err
	}
	for _, step := range s.Steps {
		if step.Kind != plan.Transaction {
			return s.At(s.StatementAt(0, len(sql)).Start, &fault.Reason{Key: fault.OnlySQL, Err: fault.Of(fault.ErrRefused, "this cannot be in the transaction")})
		}
		for _, m := range step.Specials {
			switch {
			case m.Kind == split.RenameTable:
				t.session.Foreign.NoteRename(m.Name, 0)
				fallthrough
			case m.Kind == split.DropTable:
				if err := t.session.BeforeRebuild([]byte(sql)); err != nil {
					return err
				}
			case m.Kind == split.Pragma && m.Value != "" && !plan.Stateless[m.Name]:
				return s.At(m.Start, &fault.Reason{Key: fault.OnlySQL, Err: fault.Of(fault.ErrRefused, "this cannot be in the transaction")})
			}
		}
	}
	return nil
}
