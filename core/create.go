package core

import (
	"context"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
)

// CreateDB creates an empty versioned database at version 0, and the directories above
// it. An empty file, or a database with nothing in it, not even a user_version, is turned
// into one in place. A versioned database that already exists keeps its content: CreateDB
// returns its version, and rolls back a transaction that a crash left unfinished. Errors:
// [ErrUnversioned] and [ErrNotDatabase] if something else is there; fs.ErrPermission.
func CreateDB(ctx context.Context, path string, o Options) (version int, created bool, err error) {
	defer Wrap(&err, fault.OpCreate, path)
	return upgrade.Create(ctx, path, o.Config())
}
