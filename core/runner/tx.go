package runner

import (
	"cmp"
	"context"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Runner runs a migration of a kind that this package does not know, whose text
// is given. What it does through tx, and the change of the version, happen
// together or not at all. A [fault.Error] that it gives tells the place in the file.
// Where rows violated foreign keys before it, it may be run a second time, after all
// that it did was undone.
type Runner func(ctx context.Context, m naming.Migration, text []byte, tx *Tx) error

// Tx is the transaction of a migration. It is for one goroutine, and only while
// the Runner runs. What could end the transaction, and what would change the
// version table, is refused.
type Tx struct {
	x       *session.Session
	ctx     context.Context
	ready   map[string]*compiled
	open    []*Cursor
	spools  int
	spooled int64 // rows of spools, which are no rows of the migration
	inside  bool  // SQL calls a function
	over    error // why nothing more can be done

	wrote    bool
	backfill *backfill.Job // to be done after the Runner; nil: none
	single   error         // why there can be none; nil: there can
}

// compiled is a statement for the next time that its text comes.
type compiled struct {
	*sqlite.Stmt
	used      bool // it runs
	footprint *session.Footprint
}

// maxReady is how many compiled statements a Tx keeps.
const maxReady = 100

// Run runs a migration by its Runner. Single is why it can have no backfill; nil: it can.
func Run(ctx context.Context, x *session.Session, m naming.Migration, text []byte, run Runner, single error) (rows int64, err error) {
	tx := &Tx{x: x, ctx: ctx, ready: map[string]*compiled{}, single: single}
	defer tx.close()
	if err := run(ctx, m, text, tx); err != nil {
		var e *fault.Error
		if failed, ok := err.(interface{ As(any) bool }); ok && failed.As(&e) { // of a verb that the Runner called
			err = e
		}
		if !errors.As(err, &e) {
			err = fault.New(m.Name, err)
		}
		return 0, err
	}
	if err := tx.ended(nil); err != nil {
		return 0, fault.New(m.Name, err)
	}
	if tx.backfill != nil {
		return 0, tx.backfill
	}
	rows = x.Rows() - tx.spooled
	tx.close()
	return rows, x.CheckKeys(x.Foreign.Check)
}

func (t *Tx) close() {
	for len(t.open) > 0 {
		t.open[0].Close()
	}
	for _, s := range t.ready {
		s.Close()
	}
	t.ready = map[string]*compiled{}
	if t.backfill == nil { // which uses them, and the connection for nothing else
		t.x.Conn.DropFunctions() // else the next migration in the transaction had them
	}
	t.over = cmp.Or(t.over, errors.New("the migration is over"))
}

// ended tells why nothing more can be done. SQLite ends a transaction by itself at
// OR ROLLBACK and where a disk is full, also that of its temporary files and for
// what only reads (https://sqlite.org/lang_transaction.html): what followed would
// be on its own.
func (t *Tx) ended(why error) error {
	if t.over == nil && t.x.Conn.Autocommit() {
		t.over = cmp.Or(why, errors.New("a statement has ended the transaction"))
	}
	return t.over
}

// Exec runs one statement with args for its parameters (?), in their order: nil,
// int64, float64, string, []byte. It gives the number of rows inserted, updated
// and deleted, by triggers too. Errors: an *fault.Error with the place in sql.
func (t *Tx) Exec(sql string, args ...any) (changed int64, err error) {
	s, err := t.statement(sql, args, false)
	if err != nil {
		return 0, err
	}
	defer t.release(sql, s)
	if !s.ReadOnly() { // what is being read stays as it was
		if err := t.writes(); err != nil {
			return 0, err
		}
	}
	before := t.x.Conn.TotalChanges()
	t.x.Statements++
	err = t.x.Enforced.RunStatement([]byte(sql), s.footprint, func() (err error) {
		for more := true; more && err == nil; {
			more, err = s.Step()
		}
		return err
	})
	if err != nil {
		err = t.x.ErrorIn(sql, err)
	}
	if err := cmp.Or(err, t.ended(err)); err != nil {
		return 0, err
	}
	if t.x.Witness != nil {
		t.x.Witness.After()
	}
	return t.x.Conn.TotalChanges() - before, nil
}

// Query begins to read the rows of one statement that only reads. They are what
// they were before the first change that follows, however many there are.
func (t *Tx) Query(sql string, args ...any) (*Cursor, error) {
	s, err := t.statement(sql, args, true)
	if err != nil {
		return nil, err
	}
	t.x.Statements++
	c := &Cursor{tx: t, sql: sql, s: s}
	for i := range s.Columns() {
		c.Columns = append(c.Columns, s.Column(i))
	}
	t.open = append(t.open, c)
	return c, nil
}

// Function makes do callable from the SQL of this migration, with that many
// arguments, -1 for any number. It must give the same for the same arguments,
// and cannot use the Tx. It is there for the statements of this migration, not for
// the schema, and SQLite's own functions stay as they are.
func (t *Tx) Function(name string, args int, do func(args []any) (any, error)) error {
	if err := t.ended(nil); err != nil {
		return err
	}
	n, err := t.x.Conn.Int("SELECT count(*) FROM pragma_function_list WHERE name = ? COLLATE NOCASE AND builtin", name)
	if err != nil {
		return t.x.Diagnose(err)
	}
	if n > 0 { // what this package asks SQLite would call it too
		return fault.Of(fault.ErrRefused, "SQLite has a function %s already", name)
	}
	return t.x.Diagnose(t.x.Conn.CreateFunction(name, args, func(args []any) (any, error) {
		defer func(was bool) { t.inside = was }(t.inside)
		t.inside = true
		return do(args)
	}))
}

// usable reports why nothing can be done now.
func (t *Tx) usable() error {
	if err := t.ended(nil); err != nil {
		return err
	}
	if t.inside {
		return errInside
	}
	return nil
}

var errInside = errors.New("a function that SQL calls cannot use the database")

// statement compiles a statement, or takes one that is ready.
func (t *Tx) statement(sql string, args []any, reading bool) (*compiled, error) {
	if err := t.usable(); err != nil {
		return nil, err
	}
	if t.over = t.x.Aborted(); t.over != nil {
		return nil, t.over
	}
	if err := session.CheckValues(args); err != nil {
		return nil, err
	}
	s := t.ready[sql]
	if s == nil || s.used {
		if err := t.permitted(sql); err != nil {
			return nil, err
		}
		p := t.x.Enforced.StartFootprint()
		st, err := t.prepare(sql)
		if err != nil {
			return nil, err
		}
		kept := s == nil && len(t.ready) < maxReady
		s = &compiled{Stmt: st, footprint: p}
		if kept {
			t.ready[sql] = s
		}
	}
	s.used = true
	err := session.CheckParameters(s.Stmt, args)
	if err == nil {
		err = t.x.Diagnose(s.Bind(args...))
	}
	if err == nil && reading && (!s.ReadOnly() || s.Columns() == 0) {
		err = fault.Of(fault.ErrRefused, "the statement does not only read")
	}
	if err != nil {
		t.release(sql, s)
		return nil, err
	}
	return s, nil
}

// prepare compiles a statement of the migration.
func (t *Tx) prepare(sql string) (*sqlite.Stmt, error) {
	x := t.x
	var st *sqlite.Stmt
	err := x.AsScript(func() (err error) {
		st, err = x.Conn.Prepare(sql)
		return err
	})
	x.Foreign.Lineage.NextName = ""
	if d := (*session.Refusal)(nil); errors.As(err, &d) {
		return nil, (&plan.Script{Name: session.NoFile, Text: []byte(sql)}).At(0, d)
	}
	if err != nil {
		return nil, x.ErrorIn(sql, err)
	}
	x.WarnQuoted(&plan.Script{Name: x.Script.Name, Text: []byte(sql)}, 0, len(sql))
	return st, nil
}

// writes notes that something is about to change.
func (t *Tx) writes() error {
	if t.backfill != nil {
		return fault.Of(fault.ErrRefused, "a migration with a backfill writes nothing else: put this into another")
	}
	t.wrote = true
	if err := t.spool(); err != nil {
		t.over = err // rows that were not given yet are gone
	}
	return t.over
}

// release keeps a statement for the next time, or closes it.
func (t *Tx) release(sql string, s *compiled) {
	if t.ready[sql] != s {
		s.Close()
		return
	}
	s.Reset()
	s.used = false
}

// permitted refuses what cannot be in the transaction, and notes what the check
// of foreign keys has to know.
func (t *Tx) permitted(sql string) error {
	if err := session.CheckSingle(sql); err != nil {
		return err
	}
	sc := split.New([]byte(sql))
	switch st, _ := sc.Next(); st.Kind {
	case split.Begin, split.Commit, split.Rollback, split.Savepoint, split.Release:
		return (&plan.Script{Name: session.NoFile, Text: []byte(sql)}).At(st.Start, &fault.Reason{Key: fault.OwnTransaction, Err: fault.Of(fault.ErrRefused, "this cannot be in the migration's transaction")})
	}
	s, err := plan.Parse(session.NoFile, []byte(sql), 0)
	if err != nil {
		return err
	}
	for _, u := range s.Steps {
		if u.Kind != plan.Transaction {
			return s.At(s.StatementAt(0, len(sql)).Start, &fault.Reason{Key: fault.OnlySQL, Err: fault.Of(fault.ErrRefused, "this cannot be in the migration's transaction")})
		}
		for _, m := range u.Specials {
			switch {
			case m.Kind == split.RenameTable:
				t.x.Foreign.NoteRename(m.Name, 0)
			case m.Kind == split.Pragma && m.Value != "" && !plan.Stateless[m.Name]:
				return s.At(m.Start, &fault.Reason{Key: fault.OnlySQL, Err: fault.Of(fault.ErrRefused, "this cannot be in the migration's transaction")})
			}
		}
	}
	return nil
}
