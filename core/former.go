// The tables that another migration tool keeps its versions in. They stay in a
// database that it migrated before, and are nothing that our migrations make: no
// drift, and no part of what is enrolled.

package core

import (
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/adopt"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// subject is the part of the schema that migrations are to make: not the tables of a
// tool before, nor those that are to be ignored, and what is about them.
func (d *database) subject(c *sqlite.Conn) ([]schema.Object, error) {
	list, err := objects(c)
	if err != nil {
		return nil, err
	}
	apart := map[string]bool{plan.Guarded[0]: true, plan.Guarded[1]: true} // which no migration may make
	for _, o := range list {
		if o.Type != "table" {
			continue
		}
		ignored := slices.ContainsFunc(d.o.IgnoreTables, func(name string) bool { return strings.EqualFold(name, o.Name) })
		tool, err := adopt.FormerTable(c, o.Name)
		if err != nil {
			return nil, err
		}
		if ignored || tool != "" {
			apart[strings.ToLower(o.Name)] = true
		}
	}
	return slices.DeleteFunc(list, func(o schema.Object) bool { return apart[strings.ToLower(o.Table)] }), nil
}

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
