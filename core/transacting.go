package core

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// transact is [db.transact] for statements of scripts.
func (x *execution) transact(do func() error) error {
	x.inside = true
	defer func() { x.inside, x.own = false, false }()
	err := x.DB.Transact(x.c, func() error {
		if err := x.begin(); err != nil {
			return x.Diagnose(err)
		}
		if err := do(); err != nil {
			return err
		}
		if err := x.edit.settle(x); err != nil || x.seen == nil {
			return err
		}
		return x.Diagnose(x.seen.BeforeCommit())
	})
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code == sqlite.ForeignKey && x.s != nil {
		if at := (*fault.Error)(nil); !errors.As(err, &at) {
			// Only COMMIT says so without a place. If our check found nothing, what SQLite
			// counts are rows that are gone with their table, dropped unenforced.
			hint := ": rows of a dropped table still waited for their parents; delete them before the DROP TABLE"
			if x.unchecked() {
				hint = ", as the script switches foreign_keys on"
			}
			err = fault.New(x.s.Name, fault.Of(fault.ErrForeignKey, "%s at COMMIT%s", e.Msg, hint))
		}
	}
	return err
}

// counted has the execution counted, from the first statement of its script.
func (x *execution) counted() {
	name, phase := x.s.Name, "migrate"
	if name == statement {
		name, phase = "", "execute"
	}
	if x.stage = x.Watch.Begin(name, phase, x.s.Statements()); x.stage == nil {
		return
	}
	x.c.Progress = func(changes int64) {
		// Inside a trigger, SQLite does not count the rows of the statement outside.
		x.stage.AtLeast(changes - x.before)
	}
}

// goesOn says that n more statements of the script begin, or were applied before.
func (x *execution) goesOn(n int) { x.stage.Next(n, x.rows()) }

// atEnd checks what the parts had to leave to the end of their transaction.
func (x *execution) atEnd() error {
	check := x.foreign.check
	switch {
	case !x.foreign.late || x.o.NoForeignKeyCheck:
		return nil
	case x.edit.writable:
		check = x.foreign.checkAll
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
