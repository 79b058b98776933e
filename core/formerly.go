package core

import (
	"fastmigrate/core/internal/adopt"
	"fastmigrate/core/internal/sqlite"
)

// formerly says that a database is unversioned, and which tool has migrated it, if
// one has.
func formerly(c *sqlite.Conn) error {
	tool, table, err := adopt.Former(c)
	if err != nil || tool == "" {
		return ErrUnversioned
	}
	return &Reason{Key: FormerTool, Name: tool, Detail: table,
		err: sayf(ErrUnversioned, "%v, but %s, in which %s keeps its versions", ErrUnversioned, table, tool)}
}
