// The guard keeps the statements of a script inside our transaction and off the version
// table. The invariant: it is up while SQLite compiles what is a script's, and only then;
// what this package itself asks SQLite meanwhile passes.

package session

import (
	"cmp"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/attach"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// AsScript calls do, whose statements are the script's. Errors: that of do, or a
// [*Refusal] if the guard refused a statement.
func (x *Session) AsScript(do func() error) error {
	x.byScript, x.refusal = true, ""
	defer func() { x.byScript = false }()
	err := do()
	if x.refusal != "" {
		return &Refusal{fault.Of(fault.ErrRefused, "%s", x.refusal)}
	}
	return err
}

// Refusal is why the guard refused a statement. It wraps [fault.ErrRefused].
type Refusal struct{ error }

func (e *Refusal) Unwrap() error { return e.error }

// authorize is asked for all that a statement would do, while SQLite compiles it.
func (x *Session) authorize(a sqlite.Action) bool {
	if !x.byScript {
		return true
	}
	if x.probing && a.Code == sqlite.ActAttach {
		x.AttachName = a.Arg1
		return false
	}
	x.notePlain(a)
	x.Enforced.Note(a)
	why := cmp.Or(x.trialRefusal(a), x.forbidden.refusal(a))
	if why == "" {
		why = x.scriptRefusal(a)
	}
	if why != "" {
		x.refusal = why
		return false
	}
	return true
}

const versionTableRefused = "a migration must not change the version table itself"

// scriptRefusal says why no script may do a; "" if it may, which is noted then.
func (x *Session) scriptRefusal(a sqlite.Action) string {
	database, table := a.Database, a.Arg1
	switch a.Code {
	case sqlite.ActCreateVTable:
		if a.Database == "main" {
			x.FullText.Created(a.Arg1)
		}
		x.tellTouch(a.Database, a.Arg1, a.Code)
		return ""
	case sqlite.ActTransaction, sqlite.ActAttach, sqlite.ActDetach:
		if x.phase != outside {
			return "this cannot be inside the transaction"
		}
		return ""
	case sqlite.ActPragma:
		x.SchemaEdit.note(a)
		return ""
	case sqlite.ActAlterTable:
		database, table = a.Arg1, a.Arg2
	case sqlite.ActCreateTrigger, sqlite.ActTempTrigger:
		if isGuarded(a.Arg2) {
			return versionTableRefused
		}
		return ""
	case sqlite.ActSavepoint:
		if strings.EqualFold(a.Arg2, plan.GuardSavepoint) { // as SQLite compares names
			return "the savepoint " + plan.GuardSavepoint + " is the migrator's own: rolling it back would undo the migration"
		}
		x.noteSavepoint(a.Arg1, a.Arg2)
		return ""
	case sqlite.ActCreateIndex: // which leaves rows and foreign keys as they are
		x.tellTouch(database, a.Arg2, a.Code)
		return ""
	case sqlite.ActDropIndex:
		table = a.Arg2
	case sqlite.ActDropView:
		if database == "main" {
			x.touchContent(table, a.Code)
		}
		return ""
	case sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete, sqlite.ActDropTable, sqlite.ActCreateTable:
	default:
		return ""
	}
	if database != "main" {
		x.tellTouch(database, table, a.Code)
		return ""
	}
	if isGuarded(table) {
		return versionTableRefused
	}
	x.touchContent(table, a.Code)
	x.Foreign.Touch(table, a.Code)
	x.tellTouch(database, table, a.Code)
	return ""
}

// tellTouch tells the witness what is done to a table that is not temporary.
func (x *Session) tellTouch(schema, table string, code int) {
	if x.Witness != nil && schema != "temp" {
		x.Witness.Touch(schema, table, code)
	}
}

// trialRefusal says why a trial refuses to attach a file; "" if it does not.
func (x *Session) trialRefusal(a sqlite.Action) string {
	switch {
	case a.Code != sqlite.ActAttach || !x.IsTrial() || attach.Redirects(x.DB):
	case x.Sealed():
		if a.Computed || a.Arg1 != "" && a.Arg1 != ":memory:" {
			return "a rehearsal must not touch another file, as this would"
		}
	case x.vacuuming && (a.Computed || a.Arg1 != ""):
		return trialWrite
	case x.StandIns(x.Path).TwinOf(a.Arg1) != "":
		return "this would touch the real database, not its private copy"
	}
	return ""
}

func isGuarded(table string) bool {
	for _, g := range plan.Guarded {
		if strings.EqualFold(table, g) {
			return true
		}
	}
	return false
}
