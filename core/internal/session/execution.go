package session

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Session runs the statements of a script on a connection, and sees to it that
// they stay where they were put: in the transaction, and off the version table.
type Session struct {
	*file.DB
	O          Config
	C          *sqlite.Conn
	S          *plan.Script
	run        *sqlite.Script
	inside     bool // a transaction of ours is open
	own        bool // the statements are between the script's own BEGIN and COMMIT
	byScript   bool // the statement is the script's: set by asScript alone
	vacuuming  bool // the statement is a VACUUM, which attaches what it writes INTO
	quoted     bool // it was said that a name is taken for a string
	Statements int
	denied     string   // why the authorizer refused the statement
	asks       bool     // the statement is only asked which file it would attach
	Target     string   // that file
	attached   []string // schemas beside main and temp
	beyond     beyond
	Edit       schemaEdit
	Before     int64 // the connection's count of changed rows when the script began, and of those undone
	savepoints []savepoint
	Foreign    ForeignKeys
	stage      *file.Stage // counts for Options.OnProgress; nil: nobody asks
	Seen       Witness     // of the statements; nil: nobody
	Enforced   *enforced   // foreign keys as an application has them; nil: as a migration
}

// New prepares to run s. With knowing, what was wrong with the database
// before is not held against it.
func New(d *file.DB, o Config, c *sqlite.Conn, s *plan.Script, knowing bool) *Session {
	x := &Session{DB: d, O: o, C: c}
	x.Foreign = ForeignKeys{D: d, off: o.NoForeignKeyCheck, Knowing: knowing, Keys: foreign.Keys{Conn: c}}
	if s != nil {
		x.load(s)
	}
	c.SetAuthorizer(x.authorize)
	return x
}

func (x *Session) load(s *plan.Script) {
	x.S, x.run = s, x.C.NewScript(s.Text)
	x.Before, x.Statements, x.quoted, x.savepoints = x.C.TotalChanges(), 0, false, nil
	x.Foreign.Scripts = append(x.Foreign.Scripts, s)
	x.counted()
	if x.O.Watcher != nil {
		x.Seen = x.O.Watcher.Script(x.C, x.DB.Target(), s)
	}
	if x.Seen != nil || x.Foreign.Knowing {
		x.C.SetUpdateHook(x.row)
	}
}

// row is called for each row that is inserted, updated or deleted.
func (x *Session) row(code int, database, table string, rowid int64) {
	if database != "main" {
		return
	}
	if x.Seen != nil {
		x.Seen.Row(code, table)
	}
	if code == sqlite.ActInsert && x.Foreign.Known != nil {
		x.Foreign.Known.Inserted(x.Foreign.Lineage.Was(table), rowid)
	}
}

func (x *Session) Close() {
	if x.run != nil {
		x.run.Close()
		x.run = nil
	}
}

// Next takes up another script in the same transaction.
func (x *Session) Next(s *plan.Script) error {
	x.Close()
	x.load(s)
	x.C.SetForeignKeys(false)
	return x.Diagnose(cmp.Or(x.C.Exec("PRAGMA defer_foreign_keys = OFF"), x.Edit.next(x))) // which a Runner may have set
}

func (x *Session) Rows() int64 { return x.C.TotalChanges() - x.Before }

// begin looks at what the checks of the transaction have to know.
func (x *Session) begin() error {
	return cmp.Or(x.beyond.look(x), x.Foreign.begin(), x.Edit.begin(x))
}

// Replay brings the connection where the statements of a unit, which an earlier
// run applied, had brought it.
func (x *Session) Replay(u plan.Step) error {
	if u.Kind == plan.Setting {
		return x.Alone(u)
	}
	x.GoesOn(u.Statements)
	own := false
	for _, m := range u.Specials {
		switch {
		case m.Kind == split.Begin, m.Kind == split.Commit:
			own = m.Kind == split.Begin
		case m.Kind == split.CreateTemp:
			e := fault.New(x.S.Name, fault.Of(fault.ErrInterrupted,
				"an earlier run was interrupted after line %d, and what the script made temporarily in line %d is gone", x.S.LineAt(u.End), x.S.LineAt(m.Start)))
			e.Kept = x.S.LineAt(u.End)
			return e
		case m.Kind != split.Pragma || m.Value == "" || plan.Stateless[m.Name]:
		case m.Name == "foreign_keys":
			if !own {
				x.C.SetForeignKeys(isOn(m.Value))
			}
		default:
			if _, err := x.statement(u, m.At, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// Alone runs a unit of one statement outside any transaction. SQLite does not
// wait for a lock where it holds one already, as in VACUUM or a change of the
// journal mode (https://sqlite.org/c3ref/busy_handler.html): then we do.
func (x *Session) Alone(u plan.Step) error {
	x.GoesOn(1)
	for end := time.Now().Add(x.LockTimeout()); ; {
		x.vacuuming = u.Specials[0].Kind == split.Vacuum
		_, err := x.statement(u, u.Start, u.Specials[0].Explain)
		x.vacuuming = false
		switch {
		case err == nil && u.Specials[0].Kind == split.Attach:
			return x.Diagnose(x.durableToo())
		case err == nil:
			x.tellIdle(u.Specials[0].Statement)
		}
		if !errors.Is(err, fault.ErrBusy) || time.Now().After(end) {
			return err
		}
		if err := x.C.Sleep(20 * time.Millisecond); err != nil {
			return err
		}
	}
}

// durableToo is durable for what has been attached since it was last called: what
// the script itself has set stays.
func (x *Session) durableToo() error {
	var now []string
	err := x.C.Query(func(s *sqlite.Stmt) error {
		if name := s.Text(1); name != "main" && name != "temp" {
			now = append(now, name)
		}
		return nil
	}, "PRAGMA database_list")
	for _, name := range now {
		if err == nil && !slices.Contains(x.attached, name) {
			err = file.MakeDurable(x.C, name)
		}
	}
	x.attached = now
	return err
}

// Unit runs the statements of a unit inside the open transaction, and then
// checks the foreign keys that they may have touched.
func (x *Session) Unit(u plan.Step) error {
	var ends uint64
	marks := u.Specials
	if u.Savepoints() {
		if err := x.C.Exec("SAVEPOINT " + Guard); err != nil {
			return x.Diagnose(err)
		}
	}
	for at := u.Start; at < u.End; {
		var err error
		x.GoesOn(1)
		if len(marks) > 0 && marks[0].At == at {
			at, err = x.special(u, marks[0].Statement, at)
			marks = marks[1:]
		} else {
			at, err = x.statement(u, at, false)
		}
		if err != nil {
			return err
		}
		ends = plan.HashEnds(ends, at)
	}
	if u.Savepoints() { // ends ours, and with it what the script left open
		if err := x.C.Exec("RELEASE " + Guard); err != nil {
			return x.Diagnose(err)
		}
	}
	if ends != u.Ends {
		// The splitter and SQLite disagree on where statements end; nothing has been
		// committed yet.
		return x.S.At(u.Start, errors.New("SQLite sees the end of a statement here elsewhere"))
	}
	if err := x.Edit.check(x); err != nil {
		return err
	}
	check := x.Foreign.Check
	if x.Edit.writable { // whose changes no authorizer sees
		check = x.Foreign.CheckAll
	}
	if err := x.CheckKeys(check); err != nil {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			return err
		}
		return fault.New(x.S.Name, x.Diagnose(err))
	}
	return nil
}

// special runs a statement that cannot simply be run inside the transaction.
func (x *Session) special(u plan.Step, st split.Statement, at int) (end int, err error) {
	switch st.Kind {
	case split.Begin, split.Commit: // ours are in their place
		x.own = st.Kind == split.Begin
		if !x.own && u.Savepoints() { // which its COMMIT would have ended
			err = errors.Join(x.C.Exec("RELEASE "+Guard), x.C.Exec("SAVEPOINT "+Guard))
		}
		return st.End, err
	case split.Pragma:
		if st.Name == "foreign_keys" && st.Value != "" {
			if !x.own { // where SQLite would have switched it too
				x.C.SetForeignKeys(isOn(st.Value))
			}
			return st.End, nil
		}
		if Hints[st.Name] && st.Value != "" {
			return x.hinted(u, st, at)
		}
		defer func() {
			if err == nil {
				x.tellIdle(st)
			}
		}()
	case split.RenameTable:
		x.Foreign.Rename(st.Name, st.Start)
		defer func() { x.Foreign.Lineage.NextName = "" }() // if it is a table elsewhere
	case split.DropTable:
		// With foreign keys enforced, dropping a table deletes its rows first, and
		// with them the rows of its children (https://sqlite.org/lang_droptable.html).
		if x.C.ForeignKeys() {
			x.C.SetForeignKeys(false)
			defer x.C.SetForeignKeys(true)
		}
	}
	return x.statement(u, at, st.Explain)
}

func isOn(value string) bool { // https://sqlite.org/pragma.html#pragma_foreign_keys
	value = strings.TrimPrefix(value, "+")
	switch value {
	case "on", "yes", "true":
		return true
	}
	return value != "" && strings.Trim(value, "0123456789") == "" && strings.Trim(value, "0") != ""
}

// statement runs the statement of u that follows the byte at, where the one
// before ended, and gives its end.
func (x *Session) statement(u plan.Step, at int, explain bool) (end int, err error) {
	if err := x.Aborted(); err != nil {
		return at, err
	}
	began := time.Now()
	err = x.Enforced.Run(x.S.Text[at:u.End], x.Enforced.Compile(), func() (err error) {
		run := func() (err error) {
			end, err = x.run.Run(at)
			return err
		}
		if explain { // which does nothing
			return run()
		}
		return x.AsScript(run)
	})
	x.Statements++
	if err == nil {
		if x.inside && x.C.Autocommit() {
			return end, x.S.At(x.S.StatementAt(at, u.End).Start, errors.New("this statement ended the transaction"))
		}
		x.TellQuoted(x.S, at, end)
		if x.Seen != nil {
			x.Seen.After()
		}
		return end, nil
	}
	st := x.S.StatementAt(at, u.End)
	where := st.Start
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Offset >= 0:
		where = at + e.Offset
	case e != nil:
		if name := culprit.FindStringSubmatch(e.Msg); name != nil {
			where += max(0, split.Find(x.S.Text[st.Start:st.End], name[1]))
		}
	}
	if u.Kind != plan.Transaction && e != nil {
		switch e.Primary() {
		case sqlite.CantOpen, sqlite.NotADB, sqlite.Corrupt: // of ATTACH and VACUUM INTO: another file
			if e.Errno != 0 {
				err = fmt.Errorf("%s: %w", e.Msg, syscall.Errno(e.Errno))
			}
			return end, x.S.At(where, err)
		}
	}
	text := x.S.Text[st.Start:st.End]
	err = fault.Because(e, x.S.Text[at:st.End], x.Diagnose(err))
	x.further(err, text, x.inside && time.Since(began) < quick)
	for _, about := range []error{fs.ErrPermission, fault.ErrReadOnly, fault.ErrBusy} {
		if errors.Is(err, about) { // the database, not the script
			return end, fault.New("", err)
		}
	}
	return end, x.S.At(where, err)
}

// culprit is the name that a message of SQLite's ends in, for those that come
// without a place.
var culprit = regexp.MustCompile(`(?:no such [a-z ]+: |has no column named |duplicate column name: )(?:\w+\.)?(\w+)$`)
