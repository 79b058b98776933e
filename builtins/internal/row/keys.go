package row

import (
	"errors"
	"path/filepath"

	"fastmigrate/core/fault"
)

// LaxKeys is the setting that permits all migrations to violate foreign keys.
const LaxKeys = "foreign_key_check = no below [run] in .fastmigrate"

// KeyHints returns hints for a [core.ErrForeignKey] in a migration, or in SQL if file is
// "SQL": how to repair it and, for a migration, how to permit it. The text all permits it
// in all files.
func KeyHints(err error, file, all string) []string {
	var hints []string
	switch {
	case errors.Is(err, fault.ErrReplaced):
		return []string{"INSERT ... ON CONFLICT (...) DO UPDATE SET ... changes the row and keeps the rows that refer to it"}
	case file == "SQL" || file == "":
		return []string{"write a row and its parent in one call, and change a parent together with its children"}
	case errors.Is(err, fault.ErrCascade):
		hints = append(hints, "repair the rows before the end of the migration; ON DELETE and ON UPDATE actions such as CASCADE run in a .sql only after the line PRAGMA foreign_keys = ON;")
	case errors.Is(err, fault.ErrMismatch):
		hints = append(hints, "by the end of the migration, the columns it refers to must be a primary key or unique")
	default:
		hints = append(hints, "repair the rows before the end of the migration")
	}
	mark := "#"
	if filepath.Ext(file) == ".sql" {
		mark = "--"
	}
	return append(hints, "to accept this, put the comment "+mark+" fastmigrate: no foreign key check into the first lines of "+file+"; for all files: "+all)
}
