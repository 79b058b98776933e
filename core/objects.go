package core

import (
	"context"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// Schema lists the schema of the database at path, in the order in which it can
// be made again. It creates and changes nothing. Errors: those of Version but
// ErrUnversioned.
func Schema(ctx context.Context, path string, o Options) (list []schema.Object, err error) {
	defer wrap(&err, "read", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return nil, err
	}
	c, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list, err = objects(c)
	return list, d.diagnose(err)
}

// objects lists the schema, in the order of [catalog.Objects].
func objects(c *sqlite.Conn) (list []schema.Object, err error) {
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
