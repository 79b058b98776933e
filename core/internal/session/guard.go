// The guard keeps the statements of a script inside our transaction and off the version
// table. The invariant: it is up while SQLite compiles what is a script's, and only then;
// what this package itself asks SQLite in between passes.

package session

import (
	"cmp"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// AsScript calls do, whose statements are the script's. Errors: that of do, or *denied
// if the guard refused a statement.
func (x *Session) AsScript(do func() error) error {
	x.byScript, x.denied = true, ""
	defer func() { x.byScript = false }()
	err := do()
	if x.denied != "" {
		return &Denied{fault.Of(fault.ErrRefused, "%s", x.denied)}
	}
	return err
}

// Denied is why the guard refused a statement: ErrRefused.
type Denied struct{ error }

func (e *Denied) Unwrap() error { return e.error }

// authorize is asked for all that a statement would do, while it is compiled.
func (x *Session) authorize(a sqlite.Action) bool {
	if !x.byScript {
		return true
	}
	if x.asks && a.Code == sqlite.ActAttach {
		x.Target = a.Arg1
		return false
	}
	table := a.Arg1
	if x.Enforced != nil {
		x.Enforced.see(a)
	}
	if why := cmp.Or(x.tried(a), x.beyond.refuses(a)); why != "" {
		x.denied = why
		return false
	}
	switch a.Code {
	case sqlite.ActTransaction, sqlite.ActAttach, sqlite.ActDetach:
		if x.inside {
			x.denied = "this cannot be inside the migration's transaction"
			return false
		}
		return true
	case sqlite.ActPragma:
		x.Edit.see(a)
		return true
	case sqlite.ActAlterTable:
		a.Database, table = a.Arg1, a.Arg2
	case sqlite.ActCreateTrigger, sqlite.ActTempTrigger:
		if isGuarded(a.Arg2) {
			x.denied = "a migration must not change the version table itself"
			return false
		}
		return true
	case sqlite.ActSavepoint:
		if strings.EqualFold(a.Arg2, Guard) { // as SQLite compares names
			x.denied = "the savepoint " + Guard + " is the migrator's own: to undo it would undo the migration"
			return false
		}
		x.savepoint(a.Arg1, a.Arg2)
		return true
	case sqlite.ActDropIndex:
		table = a.Arg2
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
	x.Foreign.touch(table, a.Code)
	if x.Seen != nil {
		x.Seen.Touch(table, a.Code)
	}
	return true
}

// Guard is the savepoint around those of a script.
const Guard = "fastmigrate_guard"

// tried says why a trial refuses to open a file; "" if it does not.
func (x *Session) tried(a sqlite.Action) string {
	switch {
	case a.Code != sqlite.ActAttach || !x.IsTrial():
	case x.Sealed():
		if a.Computed || a.Arg1 != "" && a.Arg1 != ":memory:" {
			return "a rehearsal does not touch another file, as this would"
		}
	case x.vacuuming && (a.Computed || a.Arg1 != ""):
		return onTrial
	case x.StandIns(x.Path).TwinOf(a.Arg1) != "":
		return "this would touch the database itself, and not the one that stands for it here"
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
