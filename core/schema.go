package core

import (
	"context"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
)

// Schema lists the schema of the database at path, in the order in which it can
// be made again. It creates and changes nothing. Errors: those of Version but
// ErrUnversioned.
func Schema(ctx context.Context, path string, o Options) (list []schema.Object, err error) {
	defer Wrap(&err, "read", path)
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
