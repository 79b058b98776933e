package core

import (
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/adopt"
	"fastmigrate/core/internal/sqlite"
)

// formerly says that a database is unversioned, and which tool has migrated it, if
// one has.
func formerly(c *sqlite.Conn) error {
	tool, table, err := adopt.Former(c)
	if err != nil || tool == "" {
		return fault.ErrUnversioned
	}
	return &fault.Reason{Key: fault.FormerTool, Name: tool, Detail: table,
		Err: fault.Of(fault.ErrUnversioned, "%v, but %s, in which %s keeps its versions", fault.ErrUnversioned, table, tool)}
}
