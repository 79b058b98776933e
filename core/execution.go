package core

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

// execution runs the statements of a script on a connection, and sees to it that
// they stay where they were put: in the transaction, and off the version table.
type execution struct {
	*file.DB
	o          scriptConfig
	c          *sqlite.Conn
	s          *plan.Script
	run        *sqlite.Script
	inside     bool // a transaction of ours is open
	own        bool // the statements are between the script's own BEGIN and COMMIT
	byScript   bool // the statement is the script's: set by asScript alone
	vacuuming  bool // the statement is a VACUUM, which attaches what it writes INTO
	quoted     bool // it was said that a name is taken for a string
	statements int
	denied     string   // why the authorizer refused the statement
	asks       bool     // the statement is only asked which file it would attach
	target     string   // that file
	attached   []string // schemas beside main and temp
	beyond     beyond
	edit       schemaEdit
	before     int64 // the connection's count of changed rows when the script began, and of those undone
	savepoints []savepoint
	foreign    foreignKeys
	stage      *file.Stage // counts for Options.OnProgress; nil: nobody asks
	seen       Witness     // of the statements; nil: nobody
	enforced   *enforced   // foreign keys as an application has them; nil: as a migration
}

// newExecution prepares to run s. With knowing, what was wrong with the database
// before is not held against it.
func newExecution(d *file.DB, o scriptConfig, c *sqlite.Conn, s *plan.Script, knowing bool) *execution {
	x := &execution{DB: d, o: o, c: c}
	x.foreign = foreignKeys{d: d, off: o.NoForeignKeyCheck, knowing: knowing, Keys: foreign.Keys{Conn: c}}
	if s != nil {
		x.load(s)
	}
	c.SetAuthorizer(x.authorize)
	return x
}

func (x *execution) load(s *plan.Script) {
	x.s, x.run = s, x.c.NewScript(s.Text)
	x.before, x.statements, x.quoted, x.savepoints = x.c.TotalChanges(), 0, false, nil
	x.foreign.scripts = append(x.foreign.scripts, s)
	x.counted()
	if x.o.Watcher != nil {
		x.seen = x.o.Watcher.Script(x.c, x.DB.Target(), s)
	}
	if x.seen != nil || x.foreign.knowing {
		x.c.SetUpdateHook(x.row)
	}
}

// row is called for each row that is inserted, updated or deleted.
func (x *execution) row(code int, database, table string, rowid int64) {
	if database != "main" {
		return
	}
	if x.seen != nil {
		x.seen.Row(code, table)
	}
	if code == sqlite.ActInsert && x.foreign.Known != nil {
		x.foreign.Known.Inserted(x.foreign.Tables.Was(table), rowid)
	}
}

func (x *execution) close() {
	if x.run != nil {
		x.run.Close()
		x.run = nil
	}
}

// next takes up another script in the same transaction.
func (x *execution) next(s *plan.Script) error {
	x.close()
	x.load(s)
	x.c.SetForeignKeys(false)
	return x.Diagnose(cmp.Or(x.c.Exec("PRAGMA defer_foreign_keys = OFF"), x.edit.next(x))) // which a Runner may have set
}

func (x *execution) rows() int64 { return x.c.TotalChanges() - x.before }

// begin looks at what the checks of the transaction have to know.
func (x *execution) begin() error {
	return cmp.Or(x.beyond.look(x), x.foreign.begin(), x.edit.begin(x))
}

// replay brings the connection where the statements of a unit, which an earlier
// run applied, had brought it.
func (x *execution) replay(u plan.Unit) error {
	if u.Kind == plan.Setting {
		return x.alone(u)
	}
	x.goesOn(u.Statements)
	own := false
	for _, m := range u.Marks {
		switch {
		case m.Kind == split.Begin, m.Kind == split.Commit:
			own = m.Kind == split.Begin
		case m.Kind == split.CreateTemp:
			e := fault.New(x.s.Name, fault.Of(fault.ErrInterrupted,
				"an earlier run was interrupted after line %d, and what the script made temporarily in line %d is gone", x.s.Line(u.End), x.s.Line(m.Start)))
			e.Kept = x.s.Line(u.End)
			return e
		case m.Kind != split.Pragma || m.Value == "" || plan.Stateless[m.Name]:
		case m.Name == "foreign_keys":
			if !own {
				x.c.SetForeignKeys(isOn(m.Value))
			}
		default:
			if _, err := x.statement(u, m.At, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// alone runs a unit of one statement outside any transaction. SQLite does not
// wait for a lock where it holds one already, as in VACUUM or a change of the
// journal mode (https://sqlite.org/c3ref/busy_handler.html): then we do.
func (x *execution) alone(u plan.Unit) error {
	x.goesOn(1)
	for end := time.Now().Add(x.Wait()); ; {
		x.vacuuming = u.Marks[0].Kind == split.Vacuum
		_, err := x.statement(u, u.Start, u.Marks[0].Explain)
		x.vacuuming = false
		switch {
		case err == nil && u.Marks[0].Kind == split.Attach:
			return x.Diagnose(x.durableToo())
		case err == nil:
			x.tellIdle(u.Marks[0].Statement)
		}
		if !errors.Is(err, fault.ErrBusy) || time.Now().After(end) {
			return err
		}
		if err := x.c.Sleep(20 * time.Millisecond); err != nil {
			return err
		}
	}
}

// durableToo is durable for what has been attached since it was last called: what
// the script itself has set stays.
func (x *execution) durableToo() error {
	var now []string
	err := x.c.Query(func(s *sqlite.Stmt) error {
		if name := s.Text(1); name != "main" && name != "temp" {
			now = append(now, name)
		}
		return nil
	}, "PRAGMA database_list")
	for _, name := range now {
		if err == nil && !slices.Contains(x.attached, name) {
			err = file.Durable(x.c, name)
		}
	}
	x.attached = now
	return err
}

// unit runs the statements of a unit inside the open transaction, and then
// checks the foreign keys that they may have touched.
func (x *execution) unit(u plan.Unit) error {
	var ends uint64
	marks := u.Marks
	if u.Savepoints() {
		if err := x.c.Exec("SAVEPOINT " + guard); err != nil {
			return x.Diagnose(err)
		}
	}
	for at := u.Start; at < u.End; {
		var err error
		x.goesOn(1)
		if len(marks) > 0 && marks[0].At == at {
			at, err = x.special(u, marks[0].Statement, at)
			marks = marks[1:]
		} else {
			at, err = x.statement(u, at, false)
		}
		if err != nil {
			return err
		}
		ends = plan.Mix(ends, at)
	}
	if u.Savepoints() { // ends ours, and with it what the script left open
		if err := x.c.Exec("RELEASE " + guard); err != nil {
			return x.Diagnose(err)
		}
	}
	if ends != u.Ends {
		// The splitter and SQLite disagree on where statements end; nothing has been
		// committed yet.
		return x.s.At(u.Start, errors.New("SQLite sees the end of a statement here elsewhere"))
	}
	if err := x.edit.check(x); err != nil {
		return err
	}
	check := x.foreign.check
	if x.edit.writable { // whose changes no authorizer sees
		check = x.foreign.checkAll
	}
	if err := x.checkKeys(check); err != nil {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			return err
		}
		return fault.New(x.s.Name, x.Diagnose(err))
	}
	return nil
}

// special runs a statement that cannot simply be run inside the transaction.
func (x *execution) special(u plan.Unit, st split.Statement, at int) (end int, err error) {
	switch st.Kind {
	case split.Begin, split.Commit: // ours are in their place
		x.own = st.Kind == split.Begin
		if !x.own && u.Savepoints() { // which its COMMIT would have ended
			err = errors.Join(x.c.Exec("RELEASE "+guard), x.c.Exec("SAVEPOINT "+guard))
		}
		return st.End, err
	case split.Pragma:
		if st.Name == "foreign_keys" && st.Value != "" {
			if !x.own { // where SQLite would have switched it too
				x.c.SetForeignKeys(isOn(st.Value))
			}
			return st.End, nil
		}
		if hints[st.Name] && st.Value != "" {
			return x.hinted(u, st, at)
		}
		defer func() {
			if err == nil {
				x.tellIdle(st)
			}
		}()
	case split.RenameTable:
		x.foreign.rename(st.Name, st.Start)
		defer func() { x.foreign.Tables.Next = "" }() // if it is a table elsewhere
	case split.DropTable:
		// With foreign keys enforced, dropping a table deletes its rows first, and
		// with them the rows of its children (https://sqlite.org/lang_droptable.html).
		if x.c.ForeignKeys() {
			x.c.SetForeignKeys(false)
			defer x.c.SetForeignKeys(true)
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
func (x *execution) statement(u plan.Unit, at int, explain bool) (end int, err error) {
	if err := x.Aborted(); err != nil {
		return at, err
	}
	began := time.Now()
	err = x.enforced.run(x.s.Text[at:u.End], x.enforced.compile(), func() (err error) {
		run := func() (err error) {
			end, err = x.run.Run(at)
			return err
		}
		if explain { // which does nothing
			return run()
		}
		return x.asScript(run)
	})
	x.statements++
	if err == nil {
		if x.inside && x.c.Autocommit() {
			return end, x.s.At(x.s.First(at, u.End).Start, errors.New("this statement ended the transaction"))
		}
		x.tellQuoted(x.s, at, end)
		if x.seen != nil {
			x.seen.After()
		}
		return end, nil
	}
	st := x.s.First(at, u.End)
	where := st.Start
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Offset >= 0:
		where = at + e.Offset
	case e != nil:
		if name := culprit.FindStringSubmatch(e.Msg); name != nil {
			where += max(0, split.Find(x.s.Text[st.Start:st.End], name[1]))
		}
	}
	if u.Kind != plan.Transaction && e != nil {
		switch e.Primary() {
		case sqlite.CantOpen, sqlite.NotADB, sqlite.Corrupt: // of ATTACH and VACUUM INTO: another file
			if e.Errno != 0 {
				err = fmt.Errorf("%s: %w", e.Msg, syscall.Errno(e.Errno))
			}
			return end, x.s.At(where, err)
		}
	}
	text := x.s.Text[st.Start:st.End]
	err = fault.Because(e, x.s.Text[at:st.End], x.Diagnose(err))
	x.further(err, text, x.inside && time.Since(began) < quick)
	for _, about := range []error{fs.ErrPermission, fault.ErrReadOnly, fault.ErrBusy} {
		if errors.Is(err, about) { // the database, not the script
			return end, fault.New("", err)
		}
	}
	return end, x.s.At(where, err)
}

// culprit is the name that a message of SQLite's ends in, for those that come
// without a place.
var culprit = regexp.MustCompile(`(?:no such [a-z ]+: |has no column named |duplicate column name: )(?:\w+\.)?(\w+)$`)
