package core

import (
	"slices"
	"strings"

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
