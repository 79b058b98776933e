// Which objects of a schema the migrations make. The tables in which another migration
// tool keeps its versions stay in a database that it migrated before. Our migrations do
// not make them: they are neither drift nor a part of what is enrolled. The tables that
// Litestream keeps in a database come and go with it, and are no part of any schema.

package file

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/tools"
	"fastmigrate/core/schema"
)

// Objects lists the schema without the tables of the migrator and of a program that
// replicates the database, in the order of [catalog.Objects].
func Objects(c *sqlite.Conn) (list []schema.Object, err error) {
	found, err := catalog.Objects(c)
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		list = append(list, schema.Object{Type: o.Type, Name: o.Name, Table: o.Table, SQL: o.SQL})
	}
	if list, err = withoutOurs(c, list); err != nil {
		return nil, err
	}
	return withoutTables(list, func(name string) (bool, error) {
		program, err := tools.ReplicatorTable(c, name)
		return program != "", err
	})
}

// withoutTables leaves out the tables that apart chooses, with their indexes and triggers.
func withoutTables(list []schema.Object, apart func(name string) (bool, error)) ([]schema.Object, error) {
	gone := map[string]bool{}
	for _, o := range list {
		if o.Type != "table" {
			continue
		}
		is, err := apart(o.Name)
		if err != nil {
			return nil, err
		}
		gone[strings.ToLower(o.Name)] = is
	}
	return slices.DeleteFunc(list, func(o schema.Object) bool { return gone[strings.ToLower(o.Table)] }), nil
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
	named := func(names []string, name string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	}
	list = slices.DeleteFunc(list, func(o schema.Object) bool { return named(plan.Guarded, o.Table) }) // no migration may make these
	return withoutTables(list, func(name string) (bool, error) {
		tool, err := tools.FormerTable(c, name)
		return tool != "" || named(ignore, name), err
	})
}
