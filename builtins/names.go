package builtins

import "fastmigrate/builtins/internal/row"

// Builtin is one function: how it is called, and its documentation.
type Builtin = row.Builtin

// Param is a parameter of a [Builtin].
type Param = row.Param

// Effect is the effect that calling a function may have.
type Effect = row.Effect

// The effects. A function with an effect other than None works only while a task runs.
const (
	None   = row.None
	Reads  = row.Reads  // databases or files
	Writes = row.Writes // databases or files
	Runs   = row.Runs   // programs
)

// Kinds are the kinds of errors, each with its meaning.
var Kinds = row.Kinds

// Kind returns the kind of the error that ended a command.
func Kind(err error) string { return row.Kind(err) }

// LaxKeys is the setting that permits all migrations to violate foreign keys.
const LaxKeys = row.LaxKeys

// KeyHints returns hints for a [core.ErrForeignKey] in a migration, or in SQL if file is
// "SQL": how to repair it and, for a migration, how to permit it. The text all permits it
// in all files.
func KeyHints(err error, file, all string) []string { return row.KeyHints(err, file, all) }
