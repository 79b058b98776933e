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
	err := x.DB.Transact(x.C, func() error {
		if err := x.begin(); err != nil {
			return x.Diagnose(err)
		}
		if err := do(); err != nil {
			return err
		}
		if err := x.Edit.settle(x); err != nil || x.Seen == nil {
			return err
		}
		return x.Diagnose(x.Seen.BeforeCommit())
	})
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code == sqlite.ForeignKey && x.S != nil {
		if at := (*fault.Error)(nil); !errors.As(err, &at) {
			// Only COMMIT says so without a place. If our check found nothing, what SQLite
			// counts are rows that are gone with their table, dropped unenforced.
			hint := ": rows of a dropped table still waited for their parents; delete them before the DROP TABLE"
			if x.Unchecked() {
				hint = ", as the script switches foreign_keys on"
			}
			err = fault.New(x.S.Name, fault.Of(fault.ErrForeignKey, "%s at COMMIT%s", e.Msg, hint))
		}
	}
	return err
}

// counted has the execution counted, from the first statement of its script.
func (x *Session) counted() {
	name, phase := x.S.Name, "migrate"
	if name == Statement {
		name, phase = "", "execute"
	}
	if x.stage = x.Watch.Begin(name, phase, x.S.Statements()); x.stage == nil {
		return
	}
	x.C.Progress = func(changes int64) {
		// Inside a trigger, SQLite does not count the rows of the statement outside.
		x.stage.RowsAtLeast(changes - x.Before)
	}
}

// GoesOn says that n more statements of the script begin, or were applied before.
func (x *Session) GoesOn(n int) { x.stage.Advance(n, x.Rows()) }

// AtEnd checks what the parts had to leave to the end of their transaction.
func (x *Session) AtEnd() error {
	check := x.Foreign.Check
	switch {
	case !x.Foreign.Late || x.O.NoForeignKeyCheck:
		return nil
	case x.Edit.writable:
		check = x.Foreign.CheckAll
	}
	err := check()
	if err == nil {
		err = x.acquit()
	}
	if e := (*fault.Error)(nil); err != nil && !errors.As(err, &e) {
		return fault.New("", x.Diagnose(err))
	}
	return err
}
