// Package session runs the statements of migrations on a connection, and guards what
// they must not touch: our transaction around them, the version table, other files. The
// invariant: a statement that could end the transaction or change the version table is
// refused while SQLite compiles it, so that nothing of it has happened.
package session

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/attach"
	"fastmigrate/core/internal/enforce"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/progress"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Session runs the statements of one script after another on a connection. It is made
// by [New], is for one goroutine, and must be closed.
type Session struct {
	*file.DB
	Opts   Config
	Conn   *sqlite.Conn
	Script *plan.Script // that runs; nil before the first

	Statements int                // of the script that have run
	Before     int64              // the connection's count of changed rows when the script began, and of those undone
	Witness    Witness            // of the script's statements; nil if there is none
	Foreign    excuse.ForeignKeys // what the transaction may have violated
	KeysAtEnd  bool               // foreign keys are checked by [Session.CheckAtEnd] alone
	FullText   fullText           // what it may have left stale
	SchemaEdit schemaEdit
	Enforced   *enforce.Keys // foreign keys as an application has them; nil: as a migration
	Known      *Known        // of the transaction before, on the same connection; nil once the database is another, or if nothing is
	AttachName string        // the file that a VACUUM INTO would attach, as SQLite computed it

	compiled   *sqlite.Script
	phase      phase
	odd        bool     // see Plain
	byScript   bool     // the statement is the script's: set by AsScript alone
	refusal    string   // why the guard refused the statement
	vacuuming  bool     // the statement is a VACUUM, which attaches what it writes INTO
	probing    bool     // the statement is only asked which file it would attach
	quotes     quotes   // names that SQLite takes for strings
	attached   []string // schemas beside main and temp
	forbidden  forbidden
	savepoints []savepoint
	stage      *progress.Stage // of the progress; nil if no one asks
}

// phase is where the statements of a script stand to transactions.
type phase int

const (
	outside phase = iota // no transaction of ours is open
	inside               // ours is open
	scripts              // ours is open in the place of the script's own, between its BEGIN and COMMIT
)

// New prepares to run s on c; nil if [Session.LoadNext] gives the script. With
// excuseExisting, violations and damage that the database had before are looked for
// first, and not held against the script: see [excuse.Existing].
func New(d *file.DB, o Config, c *sqlite.Conn, s *plan.Script, excuseExisting bool) *Session {
	x := &Session{DB: d, Opts: o, Conn: c}
	x.Foreign = excuse.ForeignKeys{DB: d, Permitted: o.NoForeignKeyCheck, ExcuseExisting: excuseExisting, Keys: foreign.Keys{Conn: c}}
	if s != nil {
		x.load(s)
	}
	c.SetAuthorizer(x.authorize)
	if attach.Redirects(d) {
		c.Redirect(func(ctx context.Context, name, path string) (string, error) { return attach.File(ctx, d, name, path) })
		if s != nil && s.Why != "" { // it may attach, and write to both only if both are durable, as in the run
			file.MakeDurable(c, "main") // without it, that is refused
		}
	}
	return x
}

// Continue is [New] for a connection about which something is known.
func Continue(d *file.DB, o Config, c *sqlite.Conn, s *plan.Script, known *Known) *Session {
	c.Progress = nil // of the script before
	c.SetUpdateHook(nil)
	c.ForgetRowid()
	x := New(d, o, c, s, false)
	x.Known = known
	return x
}

func (x *Session) load(s *plan.Script) {
	x.Script, x.compiled = s, x.Conn.NewScript(s.Text, s.Cuts...)
	x.Before, x.Statements, x.quotes, x.savepoints, x.FullText.at = x.Conn.TotalChanges(), 0, quotes{}, nil, 0
	x.quotes.some = bytes.IndexByte(s.Text, '"') >= 0
	x.Foreign.Scripts = append(x.Foreign.Scripts, s)
	x.startProgress()
	if x.Opts.Watcher != nil {
		x.Witness = x.Opts.Watcher.Script(x.Conn, x.DB.Target(), s)
	}
	if x.Witness != nil || x.Foreign.ExcuseExisting {
		x.Conn.SetUpdateHook(x.onRow)
	}
}

// onRow is called for each row that is inserted, updated or deleted.
func (x *Session) onRow(code int, database, table string, rowid int64) {
	if x.Witness != nil && database != "temp" {
		x.Witness.Row(code, database, table)
	}
	if database != "main" {
		return
	}
	if code == sqlite.ActInsert && x.Foreign.Known != nil {
		x.Foreign.Known.Inserted(x.Foreign.Lineage.Was(table), rowid)
	}
}

// Close frees what the script was compiled to. It may be called again; the connection
// stays open.
func (x *Session) Close() {
	if x.compiled != nil {
		x.compiled.Close()
		x.compiled = nil
	}
}

// LoadNext takes up another script, in the open transaction if there is one.
func (x *Session) LoadNext(s *plan.Script) error {
	x.Close()
	x.load(s)
	x.Conn.SetForeignKeys(false)
	return x.Diagnose(cmp.Or(x.Conn.Exec("PRAGMA defer_foreign_keys = OFF"), x.SchemaEdit.nextScript(x))) // which a Runner may have set
}

// Rows is how many rows the script has inserted, updated and deleted so far, by triggers
// too, without those that its own ROLLBACK TO has undone.
func (x *Session) Rows() int64 { return x.Conn.TotalChanges() - x.Before }

// begin looks at what the checks of the transaction must know.
func (x *Session) begin() error {
	if x.Known != nil && !x.Known.holds(x.Conn) {
		x.Known = nil
	}
	x.Foreign.Children = nil
	if x.Known != nil {
		x.Foreign.Children = x.Known.Children
	}
	return cmp.Or(x.forbidden.read(x), x.Foreign.Begin(), x.SchemaEdit.begin(x))
}

// Replay repeats for the connection alone what a step did that an earlier run applied:
// its settings, not its changes. Errors: [fault.ErrInterrupted] if the step made
// temporary objects, which are gone.
func (x *Session) Replay(step plan.Step) error {
	if step.Kind == plan.Setting {
		return x.RunOutside(step)
	}
	x.CountStatements(step.Statements)
	scriptBegan := false
	for _, m := range step.Specials {
		switch {
		case m.Kind == split.Vacuum && !m.Explain:
			if _, err := x.FullText.AddVacuum(x.Conn, fulltext.Loss{Script: x.Script, At: m.Start}); err != nil {
				return x.Diagnose(err)
			}
		case m.Kind == split.Begin, m.Kind == split.Commit:
			scriptBegan = m.Kind == split.Begin
		case m.Kind == split.CreateTemp:
			e := fault.New(x.Script.Name, fault.Of(fault.ErrInterrupted,
				"an earlier run was interrupted after line %d, and the temporary objects that the script created in line %d are gone", x.Script.LineAt(step.End), x.Script.LineAt(m.Start)))
			e.Kept = x.Script.LineAt(step.End)
			return e
		case m.Kind != split.Pragma || m.Value == "" || plan.Stateless[m.Name]:
		case m.Name == "foreign_keys":
			if !scriptBegan {
				x.Conn.SetForeignKeys(isOn(m.Value))
			}
		default:
			if _, err := x.runStatement(step, m.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// RunOutside runs a step of one statement outside any transaction. Where SQLite does not
// wait for a lock because it holds another, as in VACUUM or a change of the journal mode
// (https://sqlite.org/c3ref/busy_handler.html), it retries until the lock timeout.
func (x *Session) RunOutside(step plan.Step) error {
	defer x.ReportQuoted()
	x.CountStatements(1)
	if st := step.Specials[0].Statement; st.Kind == split.Vacuum && !st.Explain {
		if err := x.beforeVacuum(st); err != nil {
			return err
		}
	}
	for end := time.Now().Add(x.LockTimeout()); ; {
		x.vacuuming = step.Specials[0].Kind == split.Vacuum
		_, err := x.runMarked(step, step.Start, step.Specials[0].Statement)
		x.vacuuming = false
		switch {
		case err == nil && step.Specials[0].Kind == split.Attach:
			return x.Diagnose(x.makeAttachedDurable())
		case err == nil:
			x.warnIdle(step.Specials[0].Statement)
		}
		if !errors.Is(err, fault.ErrBusy) || time.Now().After(end) {
			return err
		}
		if err := x.Conn.Sleep(20 * time.Millisecond); err != nil {
			return err
		}
	}
}

// noteAttached makes what has been attached durable, and tells the witness.
func (x *Session) noteAttached(schema string) error {
	err := file.MakeDurable(x.Conn, schema)
	if err == nil && x.Witness != nil {
		err = x.Witness.Attached(schema, x.Conn.Filename(schema))
	}
	return err
}

// makeAttachedDurable calls [Session.noteAttached] for what has been attached since it was last
// called: what the script itself has set stays.
func (x *Session) makeAttachedDurable() error {
	var now []string
	err := x.Conn.Query(func(s *sqlite.Stmt) error {
		if name := s.Text(1); name != "main" && name != "temp" {
			now = append(now, name)
		}
		return nil
	}, "PRAGMA database_list")
	for _, name := range now {
		if err == nil && !slices.Contains(x.attached, name) {
			err = x.noteAttached(name)
		}
	}
	x.attached = now
	return err
}

// RunInside runs the statements of a step inside the open transaction, and then checks
// what they may have violated: foreign keys, and the schema table if they could edit it.
func (x *Session) RunInside(step plan.Step) error {
	defer x.ReportQuoted()
	if err := x.runAll(step); err != nil {
		x.tellQuoted() // which may be why
		return err
	}
	if err := x.SchemaEdit.check(x); err != nil {
		return err
	}
	check := x.Foreign.Check
	if x.SchemaEdit.writable { // whose changes no authorizer sees
		check = x.Foreign.CheckAll
	}
	if err := x.CheckKeys(check); err != nil {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			return err
		}
		return fault.New(x.Script.Name, x.Diagnose(err))
	}
	return nil
}

// runAll runs the statements of a step, and compares where they ended with the plan.
func (x *Session) runAll(step plan.Step) error {
	var ends uint64
	marks := step.Specials
	if step.Savepoints() {
		if err := x.Conn.Exec("SAVEPOINT " + plan.GuardSavepoint); err != nil {
			return x.Diagnose(err)
		}
	}
	for at := step.Start; at < step.End; {
		var err error
		x.CountStatements(1)
		if len(marks) > 0 && marks[0].At == at {
			at, err = x.runSpecial(step, marks[0].Statement, at)
			marks = marks[1:]
		} else {
			at, err = x.runStatement(step, at)
		}
		if err != nil {
			return err
		}
		ends = plan.HashEnds(ends, at)
	}
	if step.Savepoints() { // ends ours, and with it what the script left open
		if err := x.Conn.Exec("RELEASE " + plan.GuardSavepoint); err != nil {
			return x.Diagnose(err)
		}
	}
	if ends != step.Ends {
		// The splitter and SQLite disagree on where statements end; nothing has been
		// committed yet.
		return x.Script.At(step.Start, errors.New("SQLite sees the end of this statement elsewhere"))
	}
	return nil
}
