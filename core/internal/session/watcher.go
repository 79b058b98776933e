package session

import (
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// Watcher sees the scripts that run.
type Watcher interface {
	// Script is called before the first statement of a script runs on the connection c,
	// and gives who sees its statements; nil if no one does. It is called again if the
	// script begins again.
	Script(c *sqlite.Conn, t file.Target, s *plan.Script) Witness
}

// Witness sees the statements of one script, in their order. It may query the
// connection that [Watcher].Script was called with, except in Touch and Row, which SQLite
// calls.
type Witness interface {
	// Attached is called after a statement has attached a file by the name of a schema; file
	// is "" for what is in memory or temporary. The error ends the script.
	Attached(schema, file string) error

	// Touch is called before a statement does to a table of the schema, which is main or
	// attached, what code says, as SQLite's authorizer has it
	// (https://sqlite.org/c3ref/c_alter_table.html).
	Touch(schema, table string, code int)

	// Row is called for each row of such a table that is inserted, updated or deleted,
	// those of _meta and _meta_history too, as SQLite's update hook is
	// (https://sqlite.org/c3ref/update_hook.html).
	Row(code int, schema, table string)

	// Begin is called before each statement. It begins, with the blanks and comments before
	// it, at the byte at of the script; -1 if it is in no script, such as one of a Runner.
	Begin(at int)

	// Found is called for what the session itself finds in statements, before
	// [Witness].BeforeCommit and [Witness].End.
	Found(f finding.Finding)

	// After is called after each statement that succeeded.
	After()

	// BeforeCommit is called when all is done but the COMMIT. An error undoes all.
	BeforeCommit() error

	// End is called if the transaction continues with another script. An error rolls
	// everything back.
	End() error
}
