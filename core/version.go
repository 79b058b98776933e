package core

import (
	"context"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
)

// Version returns the version of the database at path. It creates and changes nothing.
// Errors: fs.ErrNotExist, [ErrUnversioned], [ErrMeta], [ErrNotDatabase], [ErrCorrupt],
// [ErrBusy], fs.ErrPermission.
func Version(ctx context.Context, path string, o Options) (version int, err error) {
	defer Wrap(&err, fault.OpRead, path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return 0, err
	}
	c, err := d.OpenRead(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return d.Version(c)
}
