// Which objects of a schema the migrations make. The tables in which another migration
// tool keeps its versions stay in a database that it migrated before. Our migrations do
// not make them: they are neither drift nor a part of what is enrolled.

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

// Objects lists the schema without the migrator's own tables, in the order of
// [catalog.Objects].
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

// withoutOurs leaves out the tables of the migrator with their indexes and triggers. It
// keeps tables of an application that have these names.
func withoutOurs(c *sqlite.Conn, list []schema.Object) ([]schema.Object, error) {
	meta, records, err := history.FindTables(c)
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{ // by the names
		plan.Guarded[0]: meta.Kind == "table" && meta.Unlike("id", "id", "version") == "",
		plan.Guarded[1]: records.Kind == "table" && !records.Theirs(),
	}
	return slices.DeleteFunc(list, func(o schema.Object) bool { return ours[strings.ToLower(o.Table)] }), nil
}

// ManagedObjects lists the part of the schema that migrations make. It leaves out the
// tables of a former tool and the tables to ignore, by their names in any case, with
// their indexes and triggers.
func ManagedObjects(c *sqlite.Conn, ignore []string) ([]schema.Object, error) {
	list, err := Objects(c)
	if err != nil {
		return nil, err
	}
	apart := map[string]bool{plan.Guarded[0]: true, plan.Guarded[1]: true} // no migration may make these
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
