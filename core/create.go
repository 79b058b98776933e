package core

import (
	"context"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
)

// CreateDB makes an empty versioned database at version 0, and the directories
// above it. A file of 0 bytes, such as touch makes, or a database that has nothing in it,
// not even a user_version, becomes one in its place. A
// versioned database that is there keeps its content, and its version
// is given; what a crash left unfinished in it is undone. Errors: ErrUnversioned and ErrNotDatabase for what else is there,
// fs.ErrPermission.
func CreateDB(ctx context.Context, path string, o Options) (version int, created bool, err error) {
	defer Wrap(&err, fault.OpCreate, path)
	return upgrade.Create(ctx, path, o.Config())
}
