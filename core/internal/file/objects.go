// What of a schema is the migrations' to make. The tables that another migration tool
// keeps its versions in stay in a database that it migrated before, and are nothing that
// our migrations make: no drift, and no part of what is enrolled.

package file

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/tools"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// Objects lists the schema, in the order of [catalog.Objects].
func Objects(c *sqlite.Conn) (list []schema.Object, err error) {
	found, err := catalog.Objects(c)
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		list = append(list, schema.Object{Type: o.Type, Name: o.Name, Table: o.Table, SQL: o.SQL})
	}
	return withoutOurs(c, list)
}

// withoutOurs leaves out the tables of the migrator, and what is about them, but not
// those to which an application has given their names.
func withoutOurs(c *sqlite.Conn, list []schema.Object) ([]schema.Object, error) {
	ours := func(name string) (bool, error) {
		t, err := history.FindTable(c, name)
		return t.Kind == "table" && (name == "_meta" && t.Unlike("id", "id", "version") == "" || name != "_meta" && !t.Theirs()), err
	}
	for _, name := range plan.Guarded {
		its, err := ours(name)
		if err != nil {
			return nil, err
		}
		if its {
			list = slices.DeleteFunc(list, func(o schema.Object) bool { return strings.EqualFold(o.Table, name) })
		}
	}
	return list, nil
}

// ManagedObjects is the part of the schema that migrations are to make: not the tables of a
// tool before, nor those that are to be ignored, and what is about them.
func ManagedObjects(c *sqlite.Conn, ignore []string) ([]schema.Object, error) {
	list, err := Objects(c)
	if err != nil {
		return nil, err
	}
	apart := map[string]bool{plan.Guarded[0]: true, plan.Guarded[1]: true} // which no migration may make
	for _, o := range list {
		if o.Type != "table" {
			continue
		}
		ignored := slices.ContainsFunc(ignore, func(name string) bool { return strings.EqualFold(name, o.Name) })
		tool, err := tools.FormerTable(c, o.Name)
		if err != nil {
			return nil, err
		}
		if ignored || tool != "" {
			apart[strings.ToLower(o.Name)] = true
		}
	}
	return slices.DeleteFunc(list, func(o schema.Object) bool { return apart[strings.ToLower(o.Table)] }), nil
}
