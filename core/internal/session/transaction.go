package session

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// Transact is [db.transact] for statements of scripts.
func (x *Session) Transact(do func() error) error {
	x.inside = true
	defer func() { x.inside, x.own = false, false }()
	err := x.DB.Transact(x.Conn, func() error {
		if err := x.begin(); err != nil {
			return x.Diagnose(err)
		}
		if err := do(); err != nil {
			return err
		}
		if err := x.SchemaEdit.raiseCookie(x); err != nil || x.Witness == nil {
			return err
		}
		return x.Diagnose(x.Witness.BeforeCommit())
	})
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code == sqlite.ForeignKey && x.Script != nil {
		if at := (*fault.Error)(nil); !errors.As(err, &at) {
			// Only COMMIT says so without a place. If our check found nothing, what SQLite
			// counts are rows that are gone with their table, dropped unenforced.
			hint := ": rows of a dropped table still waited for their parents; delete them before the DROP TABLE"
			if x.Unchecked() {
				hint = ", as the script switches foreign_keys on"
			}
			err = fault.New(x.Script.Name, fault.Of(fault.ErrForeignKey, "%s at COMMIT%s", e.Msg, hint))
		}
	}
	return err
}

// startProgress has the execution counted, from the first statement of its script.
func (x *Session) startProgress() {
	name, phase := x.Script.Name, "migrate"
	if name == NoFile {
		name, phase = "", "execute"
	}
	if x.stage = x.Watch.Begin(name, phase, x.Script.Statements()); x.stage == nil {
		return
	}
	x.Conn.Progress = func(changes int64) {
		// Inside a trigger, SQLite does not count the rows of the statement outside.
		x.stage.AtLeast(changes - x.Before)
	}
}

// CountStatements says that n more statements of the script begin, or were applied before.
func (x *Session) CountStatements(n int) { x.stage.Next(n, x.Rows()) }

// CheckAtEnd checks what the parts had to leave to the end of their transaction.
func (x *Session) CheckAtEnd() error {
	check := x.Foreign.Check
	switch {
	case !x.Foreign.AtEnd || x.Opts.NoForeignKeyCheck:
		return nil
	case x.SchemaEdit.writable:
		check = x.Foreign.CheckAll
	}
	err := check()
	if err == nil {
		err = x.clearViolationCount()
	}
	if e := (*fault.Error)(nil); err != nil && !errors.As(err, &e) {
		return fault.New("", x.Diagnose(err))
	}
	return err
}
