package core

import (
	"context"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
)

// Schema lists the schema of the database at path, in an order in which it can be
// created, without the migrator's own tables. It creates and changes nothing. Errors:
// those of [Version] except [ErrUnversioned].
func Schema(ctx context.Context, path string, o Options) (list []schema.Object, err error) {
	defer Wrap(&err, fault.OpRead, path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return nil, err
	}
	c, err := d.OpenRead(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list, err = file.Objects(c)
	return list, d.Diagnose(err)
}
