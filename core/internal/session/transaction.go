package session

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// ErrRollback is for a transaction that is only to be undone, although nothing failed.
var ErrRollback = errors.New("the transaction is rolled back")

// Transact calls do in a transaction, as [file.DB.Transact] does, for statements of
// scripts: what the checks must know is read first, and [Session.CheckFullText] and
// [Witness.BeforeCommit] are asked last. Errors: that of do and of these, and
// [fault.ErrForeignKey] if SQLite refuses the COMMIT.
func (x *Session) Transact(do func() error) error {
	x.phase = inside
	defer func() { x.phase = outside }()
	err := x.DB.Transact(x.Conn, func() error {
		if err := x.begin(); err != nil {
			return x.Diagnose(err)
		}
		if err := do(); err != nil {
			return err
		}
		if err := x.SchemaEdit.raiseCookie(x); err != nil {
			return err
		}
		if err := x.CheckFullText(); err != nil || x.Witness == nil {
			return err
		}
		return x.Diagnose(x.Witness.BeforeCommit())
	})
	err = x.withStaleBefore(err)
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code == sqlite.ForeignKey && x.Script != nil {
		if at := (*fault.Error)(nil); !errors.As(err, &at) {
			// Only COMMIT says so without a place. If our check found nothing, what SQLite
			// counts are rows that are gone with their table, dropped unenforced.
			hint := ": rows of a dropped table still waited for their parents; delete them before the DROP TABLE"
			if x.Unchecked() {
				hint = ", because the script switches foreign_keys on"
			}
			err = fault.New(x.Script.Name, fault.Of(fault.ErrForeignKey, "%s at COMMIT%s", e.Msg, hint))
		}
	}
	return err
}

// startProgress reports progress from the first statement of the script on.
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
		x.stage.RowsAtLeast(changes - x.Before)
	}
}

// CountStatements counts n more statements of the script that begin, or that were applied
// before, for the progress.
func (x *Session) CountStatements(n int) { x.stage.Advance(n, x.Rows()) }
