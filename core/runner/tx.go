// Package runner lets programs run migrations of other kinds than SQL. A [Runner], given
// in core.Options.Runners by the extension of its files, runs them; it reads and writes
// the database through a [Tx]. Most need one call, [Tx.Exec]. The invariant: the changes
// and the version are committed together or not at all, so a Runner never commits by
// itself.
package runner

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
)

// Runner runs the migration m, whose file holds text. Its changes through tx are committed
// together with the version if it returns nil, and otherwise rolled back. It can return a
// [fault.Error] to say where in the file it failed; any other error is shown with the name
// of the file. It may be called again after its changes were rolled back, if rows violated
// foreign keys before the migration, or if its backfill is resumed.
type Runner func(ctx context.Context, m naming.Migration, text []byte, tx *Tx) error

// Tx is the transaction of a migration. Only one goroutine may use it, and only while the
// [Runner] runs: later, its methods return errors. Statements that could end the
// transaction or change the version table are refused with [fault.ErrRefused].
type Tx struct {
	session    *session.Session
	ctx        context.Context
	ready      map[string]*compiled
	cursors    []*Cursor
	spools     int
	spooled    int64 // rows written by our own spooling, not counted
	inFunction bool  // SQL is calling a function of the Runner
	failed     error // why nothing more can be done; nil if it can

	wrote      bool
	backfill   *backfill.Job // to be run after the Runner; nil if it asked for none
	noBackfill error         // why there can be none; nil if there can
}

// Run runs a migration with its [Runner] in the open transaction of x, and returns the
// number of rows that it changed. Only the packages of core, which have a session, can
// call it: programs put a Runner into core.Options.Runners. The error noBackfill says why
// the migration cannot have a backfill; nil if it can. Errors: those of run, as a
// [fault.Error]; a [*backfill.Job] if the Runner asked for a backfill.
func Run(ctx context.Context, x *session.Session, m naming.Migration, text []byte, run Runner, noBackfill error) (rows int64, err error) {
	tx := &Tx{session: x, ctx: ctx, ready: map[string]*compiled{}, noBackfill: noBackfill}
	defer tx.close()
	defer x.ReportQuoted()
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
	if err := tx.checkOpen(nil); err != nil {
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
	for len(t.cursors) > 0 {
		t.cursors[0].Close()
	}
	for _, s := range t.ready {
		s.Close()
	}
	t.ready = map[string]*compiled{}
	if t.backfill == nil { // which uses them, and the connection for nothing else
		t.session.Conn.DropFunctions() // else the next migration in the transaction had them
	}
	t.failed = cmp.Or(t.failed, errOver)
}

// checkOpen returns the error if the transaction is over; why, if not nil, is that of the
// statement that has just run. SQLite ends a transaction by itself at OR ROLLBACK and if a
// disk is full, even that of its temporary files and for a statement that only reads
// (https://sqlite.org/lang_transaction.html): later statements would commit on their own.
func (t *Tx) checkOpen(why error) error {
	if t.failed == nil && t.session.Conn.Autocommit() {
		t.failed = cmp.Or(why, errors.New("a statement has ended the transaction"))
	}
	return t.failed
}

// Named holds the values of parameters by name, in place of values in their order; a [Map] is
// the usual one.
type Named = session.Named

// Map is the values of parameters by name: "id" is that of :id, @id and $id.
type Map = session.Map

// Exec runs one statement with args for its parameters (?), in their order: nil, int64,
// float64, string or []byte; or one [Named]. It returns the number of rows inserted, updated
// and deleted, including those of triggers. After [fault.ErrReplaced], whose statement has
// run, the transaction can only be rolled back. Errors: a [fault.Error] with the place in sql.
func (t *Tx) Exec(sql string, args ...any) (changed int64, err error) {
	s, err := t.statement(sql, args)
	if err != nil {
		return 0, err
	}
	defer t.release(s)
	return t.run(sql, s)
}

// ExecMany is [Tx.Exec] for the values of each row, and compiles the
// statement once. It ends at the first error, of a run or of rows: then what ran before
// remains.
func (t *Tx) ExecMany(sql string, rows iter.Seq2[[]any, error]) (changed int64, err error) {
	s, err := t.compile(sql)
	if err != nil {
		return 0, err
	}
	defer t.release(s)
	for args, err := range rows {
		if err == nil {
			err = cmp.Or(t.usable(), t.bind(s, args))
		}
		var n int64
		if err == nil {
			n, err = t.run(sql, s)
		}
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// run runs a statement whose values are bound.
func (t *Tx) run(sql string, s *compiled) (changed int64, err error) {
	if !s.ReadOnly() { // what is being read stays as it was
		if err := t.beforeWrite(); err != nil {
			return 0, err
		}
	}
	if t.session.Witness != nil {
		t.session.Witness.Begin(-1)
	}
	before := t.session.Conn.TotalChanges()
	t.session.Statements++
	err = t.session.Enforced.RunStatement(s.text, s.footprint, s.Run)
	if err != nil {
		err = t.session.ErrorIn(sql, err)
	}
	if errors.Is(err, fault.ErrReplaced) {
		t.failed = err
	}
	if err := cmp.Or(err, t.checkOpen(err)); err != nil {
		return 0, err
	}
	if t.session.Witness != nil {
		t.session.Witness.After()
	}
	return t.session.Conn.TotalChanges() - before, nil
}

// Query begins to read the rows of one statement that only reads, with args as for
// [Tx.Exec]. Later statements that change the database do not change the rows still to
// come, however many there are. The [Cursor] must be closed. Errors: those of [Tx.Exec],
// and [fault.ErrRefused] for a statement that writes.
func (t *Tx) Query(sql string, args ...any) (*Cursor, error) {
	s, err := t.readingStatement(sql, args)
	if err != nil {
		return nil, err
	}
	t.session.Statements++
	c := &Cursor{tx: t, sql: sql, s: s}
	for i := range s.Columns() {
		c.Columns = append(c.Columns, s.Column(i))
	}
	t.cursors = append(t.cursors, c)
	return c, nil
}

// Function makes do callable from the SQL of this migration as name, with args arguments;
// -1 permits any number. Arguments and result have the types of [Tx.Exec]. It must be
// deterministic, and cannot use the Tx. The schema cannot use it, because it is removed
// after the migration. Errors: [fault.ErrRefused] for the name of one of SQLite's own
// functions.
func (t *Tx) Function(name string, args int, do func(args []any) (any, error)) error {
	if err := t.checkOpen(nil); err != nil {
		return err
	}
	n, err := t.session.Conn.Int("SELECT count(*) FROM pragma_function_list WHERE name = ? COLLATE NOCASE AND builtin", name)
	if err != nil {
		return t.session.Diagnose(err)
	}
	if n > 0 { // our own queries would call it too
		return fault.Of(fault.ErrRefused, "SQLite already has a function %s", name)
	}
	return t.session.Diagnose(t.session.Conn.CreateFunction(name, args, func(args []any) (any, error) {
		defer func(was bool) { t.inFunction = was }(t.inFunction)
		t.inFunction = true
		return do(args)
	}))
}

// usable returns the error if no statement can run now.
func (t *Tx) usable() error {
	if err := t.checkOpen(nil); err != nil {
		return err
	}
	if t.inFunction {
		return errInFunction
	}
	t.failed = t.session.Aborted()
	return t.failed
}

var errOver = errors.New("the transaction is over")

var errInFunction = errors.New("a function that SQL calls cannot use the database")

// beforeWrite must be called before a statement that may change the database.
func (t *Tx) beforeWrite() error {
	if t.backfill != nil {
		return fault.Of(fault.ErrRefused, "a migration with a backfill cannot write anything else: put this into another migration")
	}
	t.wrote = true
	if err := t.spoolCursors(); err != nil {
		t.failed = err // rows that are still to come are lost
	}
	return t.failed
}
