// How one statement runs under the guard, and where in the script an error of it belongs.

package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/reason"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// runSpecial runs a statement that cannot simply be run inside the transaction.
func (x *Session) runSpecial(step plan.Step, st split.Statement, at int) (end int, err error) {
	switch st.Kind {
	case split.Begin, split.Commit: // ours are in their place
		x.phase = inside
		if st.Kind == split.Begin {
			x.phase = scripts
		} else if step.Savepoints() { // which its COMMIT would have ended
			err = errors.Join(x.Conn.Exec("RELEASE "+plan.GuardSavepoint), x.Conn.Exec("SAVEPOINT "+plan.GuardSavepoint))
		}
		return st.End, err
	case split.Pragma:
		if st.Name == "foreign_keys" && st.Value != "" {
			if x.phase != scripts { // where SQLite would have switched it too
				x.Conn.SetForeignKeys(isOn(st.Value))
			}
			return st.End, nil
		}
		if hints[st.Name] && st.Value != "" {
			return x.runHint(step, st, at)
		}
		defer func() {
			if err == nil {
				x.warnIdle(st)
			}
		}()
	case split.RenameTable:
		if err := x.BeforeRebuild(x.Script.Text[st.Start:st.End]); err != nil {
			return at, err
		}
		x.Foreign.NoteRename(st.Name, st.Start)
		defer func() { x.Foreign.Lineage.NextName = "" }() // if it is a table elsewhere
	case split.DropTable:
		if err := x.BeforeRebuild(x.Script.Text[st.Start:st.End]); err != nil {
			return at, err
		}
		// With foreign keys enforced, dropping a table deletes its rows first, and
		// with them the rows of its children (https://sqlite.org/lang_droptable.html).
		if x.Conn.ForeignKeys() {
			x.Conn.SetForeignKeys(false)
			defer x.Conn.SetForeignKeys(true)
		}
	}
	return x.runMarked(step, at, st)
}

func isOn(value string) bool { // https://sqlite.org/pragma.html#pragma_foreign_keys
	value = strings.TrimPrefix(value, "+")
	switch value {
	case "on", "yes", "true":
		return true
	}
	return value != "" && strings.Trim(value, "0123456789") == "" && strings.Trim(value, "0") != ""
}

// runMarked runs st, the statement of step that follows the byte at. EXPLAIN does nothing,
// so that it may name what the script must not touch.
func (x *Session) runMarked(step plan.Step, at int, st split.Statement) (end int, err error) {
	if st.Explain {
		return x.runGuarded(step, at, func(run func() error) error { return run() })
	}
	return x.runStatement(step, at)
}

// runStatement runs the statement of step that follows the byte at, where the one
// before ended, and gives its end.
func (x *Session) runStatement(step plan.Step, at int) (end int, err error) {
	return x.runGuarded(step, at, x.AsScript)
}

// runGuarded runs a statement by guard, which must call what it is given.
func (x *Session) runGuarded(step plan.Step, at int, guard func(run func() error) error) (end int, err error) {
	if err := x.Aborted(); err != nil {
		return at, err
	}
	if x.Witness != nil {
		x.Witness.Begin(at)
	}
	x.tell(step, at)
	x.FullText.at = at
	x.Conn.Calls = false
	began := time.Now()
	err = x.Enforced.RunStatement(x.Script.Text[at:step.End], x.Enforced.StartFootprint(), func() (err error) {
		end, err = x.run(at, step.End, guard)
		return err
	})
	x.Statements++
	if err == nil {
		if x.phase != outside && x.Conn.Autocommit() {
			return end, x.Script.At(x.Script.StatementAt(at, step.End).Start, errors.New("this statement ended the transaction"))
		}
		if x.Conn.Calls && !split.Begins(x.Script.Text[at:end], "ALTER") { // which calls functions of its own
			x.odd = true
		}
		x.lookAtAdded()
		if x.Witness != nil {
			x.Witness.After()
		}
		return end, nil
	}
	return end, x.locate(err, step, at, x.phase != outside && time.Since(began) < reason.RerunLimit)
}

// tell logs the statement of step that follows the byte at, if anyone wants to know, without
// the texts in it, which may be secret. Those of other scripts than .sql are not in a file.
func (x *Session) tell(step plan.Step, at int) {
	if log := x.Log(); log.Enabled(context.Background(), slog.LevelDebug) && filepath.Ext(x.Script.Name) == ".sql" {
		st := x.Script.StatementAt(at, step.End)
		text := strings.Join(strings.Fields(literal.ReplaceAllString(string(x.Script.Text[st.Start:st.End]), "'...'")), " ")
		if short := []rune(text); len(short) > toldRunes {
			text = string(short[:toldRunes]) + "..."
		}
		log.Debug(fmt.Sprintf("%s:%d: %s", x.Script.Name, x.Script.LineAt(st.Start), text))
	}
}

// toldRunes is how much of a statement is logged.
const toldRunes = 100

// literal is a text in a statement.
var literal = regex.New(`'(?:[^']|'')*'`)

// locate is err, of the statement of step that follows the byte at, with its place in the
// script and all that is known of it. With again, the statement may be run once more.
func (x *Session) locate(err error, step plan.Step, at int, again bool) error {
	st := x.Script.StatementAt(at, step.End)
	where := st.Start
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Offset >= 0:
		where = at + e.Offset
	case e != nil:
		if name := culprit.FindStringSubmatch(e.Msg); name != nil {
			where += max(0, split.Find(x.Script.Text[st.Start:st.End], name[1]))
		}
	}
	if step.Kind != plan.Transaction && e != nil {
		switch e.Primary() {
		case sqlite.CantOpen, sqlite.NotADB, sqlite.Corrupt: // of ATTACH and VACUUM INTO: another file
			if e.Errno != 0 {
				err = fmt.Errorf("%s: %w", e.Msg, syscall.Errno(e.Errno))
			}
			return x.Script.At(where, err)
		}
	}
	text := x.Script.Text[st.Start:st.End]
	err = fault.Because(e, x.Script.Text[at:st.End], x.Diagnose(err))
	reason.AddDetail(x.Conn, err, text, again)
	for _, about := range []error{fs.ErrPermission, fault.ErrReadOnly, fault.ErrBusy} {
		if errors.Is(err, about) { // the database, not the script
			return fault.New("", err)
		}
	}
	return x.Script.At(where, err)
}

// culprit is the name that a message of SQLite's ends in, for those that come
// without a place.
var culprit = regex.New(`(?:no such [a-z ]+: |has no column named |duplicate column name: )(?:\w+\.)?(\w+)$`)
