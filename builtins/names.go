package builtins

import "fastmigrate/builtins/internal/row"

// Builtin is one function: how it is called, and what is said of it.
type Builtin = row.Builtin

// Param is a parameter of a [Builtin].
type Param = row.Param

// Effect is what calling a function may do to the world.
type Effect = row.Effect

// The effects. What has one other than None works only while a task runs.
const (
	None   = row.None
	Reads  = row.Reads  // databases or files
	Writes = row.Writes // databases or files
	Runs   = row.Runs   // programs
)

// Kinds are what the kind of an error can be, each with what it means.
var Kinds = row.Kinds

// Kind returns the kind of an error that ended a command.
func Kind(err error) string { return row.Kind(err) }

// LaxKeys is the setting that lets all migrations violate foreign keys.
const LaxKeys = row.LaxKeys

// KeyHints says what to do about a core.ErrForeignKey in a migration, or in SQL where
// file is "SQL": how to mend it, and, of a migration, how to leave it so. all is what
// leaves it so in all files.
func KeyHints(err error, file, all string) []string { return row.KeyHints(err, file, all) }
