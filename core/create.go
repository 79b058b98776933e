package core

import (
	"context"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
)

// CreateDB makes an empty versioned database at version 0, and the directories above it.
// An empty file, or a database with nothing in it, not even a user_version, becomes one
// in place. A versioned database that exists keeps its content: CreateDB returns its
// version, and undoes what a crash left unfinished in it. Errors: ErrUnversioned and
// ErrNotDatabase if something else is there; fs.ErrPermission.
func CreateDB(ctx context.Context, path string, o Options) (version int, created bool, err error) {
	defer Wrap(&err, fault.OpCreate, path)
	return upgrade.Create(ctx, path, o.Config())
}
