package core

import (
	"errors"
	"regexp"
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// execution runs the statements of a script on a connection, and sees to it that
// they stay where they were put: in the transaction, and off the version table.
type execution struct {
	*database
	c          *sqlite.Conn
	s          *script
	run        *sqlite.Script
	inside     bool // a transaction of ours is open
	own        bool // the statements are between the script's own BEGIN and COMMIT
	ours       bool // the statement is not the script's
	statements int
	denied     string // why the authorizer refused the statement
	before     int64  // the connection's count of changed rows when the script began
	foreign    foreignKeys
	restore    []func() error // undoes what a script changed on the connection
}

func newExecution(d *database, c *sqlite.Conn, s *script) *execution {
	x := &execution{database: d, c: c, ours: true}
	x.foreign.x = x
	if s != nil {
		x.load(s)
	}
	c.SetAuthorizer(x.authorize)
	return x
}

func (x *execution) load(s *script) {
	x.s, x.run = s, x.c.NewScript(s.text)
	x.before, x.statements = x.c.TotalChanges(), 0
}

func (x *execution) close() {
	if x.run != nil {
		x.run.Close()
		x.run = nil
	}
}

// begin and end bracket one of several scripts in one transaction: what it
// changes on the connection must not leak into the next.
func (x *execution) begin(s *script) error {
	x.close()
	x.load(s)
	on := x.c.ForeignKeys()
	x.restore = []func() error{func() error { x.c.SetForeignKeys(on); return nil }}
	return nil
}

func (x *execution) end() error {
	defer x.close()
	for _, undo := range x.restore {
		if err := undo(); err != nil {
			return err
		}
	}
	x.restore = nil
	var drops []string
	err := x.c.Query(func(s *sqlite.Stmt) error {
		drops = append(drops, s.Text(0))
		return nil
	}, `SELECT 'DROP ' || type || ' temp.' || printf('"%w"', name) FROM sqlite_temp_master
		WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type = 'table'`)
	for _, sql := range drops {
		err = errors.Join(err, x.c.Exec(sql))
	}
	return err
}

func (x *execution) rows() int64 { return x.c.TotalChanges() - x.before }

// transact is database.transact for statements of scripts. If do adds
// violations of foreign keys, it is undone and, where there were some before,
// done again with those known.
func (x *execution) transact(do func() error) error {
	rows, statements := x.c.TotalChanges(), x.statements
	attempt := func() error {
		x.inside = true
		defer func() { x.inside, x.own, x.ours = false, false, true }()
		return x.database.transact(x.c, func() error {
			x.foreign.begin()
			return do()
		})
	}
	err := attempt()
	if x.foreign.suspect {
		var found bool
		if e := x.database.transact(x.c, func() (err error) { found, err = x.foreign.baseline(); return err }); e != nil {
			return e
		}
		if found {
			x.before, x.statements = x.before+x.c.TotalChanges()-rows, statements
			err = attempt()
		}
	}
	return err
}

// alone runs a unit of one statement outside any transaction.
func (x *execution) alone(u unit) error {
	_, err := x.statement(u, u.start, u.marks[0].Explain)
	return err
}

// unit runs the statements of a unit inside the open transaction, and then
// checks the foreign keys that they may have touched.
func (x *execution) unit(u unit) error {
	var ends uint64
	marks := u.marks
	for at := u.start; at < u.end; {
		var err error
		if len(marks) > 0 && marks[0].at == at {
			at, err = x.special(u, marks[0].Statement, at)
			marks = marks[1:]
		} else {
			at, err = x.statement(u, at, false)
		}
		if err != nil {
			return err
		}
		ends = mix(ends, at)
	}
	if ends != u.ends {
		// The splitter and SQLite disagree on where statements end; nothing has been
		// committed yet.
		return x.s.at(u.start, errors.New("SQLite sees the end of a statement here elsewhere"))
	}
	if x.o.NoForeignKeyCheck {
		return nil
	}
	x.ours = true
	if err := x.foreign.check(); err != nil {
		var e *Error
		if errors.As(err, &e) {
			return err
		}
		return &Error{File: x.s.name, Version: -1, Err: x.diagnose(err)}
	}
	return nil
}

// special runs a statement that cannot simply be run inside the transaction.
func (x *execution) special(u unit, st split.Statement, at int) (end int, err error) {
	switch st.Kind {
	case split.Begin, split.Commit: // ours are in their place
		x.own = st.Kind == split.Begin
		return st.End, nil
	case split.Pragma:
		if st.Name == "foreign_keys" && st.Value != "" {
			if !x.own { // where SQLite would have switched it too
				x.c.SetForeignKeys(isOn(st.Value))
			}
			return st.End, nil
		}
		if err := x.remember(st); err != nil {
			return at, err
		}
	case split.RenameTable:
		x.foreign.rename(st.Name)
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

// remember has end restore what a PRAGMA sets on the connection.
func (x *execution) remember(st split.Statement) error {
	if x.restore == nil || st.Value == "" || transactional[st.Name] {
		return nil
	}
	old, err := x.c.Text("PRAGMA " + st.Name)
	if err != nil || old == "" {
		return nil // one that keeps nothing
	}
	x.restore = append(x.restore, func() error {
		return x.c.Exec("PRAGMA " + st.Name + " = '" + strings.ReplaceAll(old, "'", "''") + "'")
	})
	return nil
}

// transactional are the PRAGMAs that change the database, not the connection.
var transactional = map[string]bool{"user_version": true, "application_id": true, "schema_version": true, "defer_foreign_keys": true}

func isOn(value string) bool { // https://sqlite.org/pragma.html#pragma_foreign_keys
	switch value {
	case "on", "yes", "true":
		return true
	}
	return value != "" && strings.Trim(value, "0123456789") == "" && strings.Trim(value, "0") != ""
}

// statement runs the statement of u that follows the byte at, where the one
// before ended, and gives its end.
func (x *execution) statement(u unit, at int, explain bool) (end int, err error) {
	x.ours, x.denied = explain, ""
	end, err = x.run.Run(at)
	x.ours = true
	x.statements++
	if err == nil {
		if x.inside && x.c.Autocommit() {
			return end, x.s.at(x.s.first(at, u.end).Start, errors.New("this statement ended the transaction"))
		}
		return end, nil
	}
	st := x.s.first(at, u.end)
	where := st.Start
	var e *sqlite.Error
	switch {
	case x.denied != "":
		err = sayf(ErrRefused, "%s", x.denied)
	case errors.As(err, &e) && e.Offset >= 0:
		where = at + e.Offset
	case e != nil:
		if name := culprit.FindStringSubmatch(e.Msg); name != nil {
			where += max(0, split.Find(x.s.text[st.Start:st.End], name[1]))
		}
	}
	return end, x.s.at(where, x.diagnose(err))
}

// culprit is the name that a message of SQLite's ends in, for those that come
// without a place.
var culprit = regexp.MustCompile(`(?:no such [a-z ]+: |has no column named |duplicate column name: )(?:\w+\.)?(\w+)$`)

// authorize keeps a script inside our transaction and off the version table.
func (x *execution) authorize(a sqlite.Action) bool {
	if x.ours {
		return true
	}
	table := a.Arg1
	switch a.Code {
	case sqlite.ActTransaction, sqlite.ActAttach, sqlite.ActDetach:
		if x.inside {
			x.denied = "this cannot be inside the migration's transaction"
			return false
		}
		return true
	case sqlite.ActAlterTable:
		a.Database, table = a.Arg1, a.Arg2
	case sqlite.ActCreateTrigger:
		if a.Database == "main" && isGuarded(a.Arg2) {
			x.denied = "a migration must not change the version table itself"
			return false
		}
		return true
	case sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete, sqlite.ActDropTable, sqlite.ActCreateTable:
	default:
		return true
	}
	if a.Database != "main" {
		return true
	}
	if isGuarded(table) {
		x.denied = "a migration must not change the version table itself"
		return false
	}
	x.foreign.touch(table, a.Code)
	return true
}

func isGuarded(table string) bool {
	for _, g := range guarded {
		if strings.EqualFold(table, g) {
			return true
		}
	}
	return false
}
