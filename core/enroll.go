package core

import (
	"context"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
)

// Enrolled is what [EnrollDB] did.
type Enrolled struct {
	Version int    `json:"version"`        // of the database now
	File    string `json:"file,omitempty"` // path of the migration that was written; "" if none was
}

// EnrollDB puts an existing database under version control. With version 0 it writes the
// migration 0001-initial.sql, which produces the schema of the database, into the
// directory dir, which is created if needed, and sets the database to version 1. With
// another version, it records the migrations in dir up to that version as applied, and
// writes nothing to dir.
//
// First the migrations are run on a scratch database, where they must produce the same
// schema. If dir has only 0001-initial.sql, with the text that would be written, it is
// kept: an interrupted call may have left it. If a foreign key of the schema refers to
// columns that are not unique, the file gets the comment that permits it.
//
// Errors: [ErrVersioned]; fs.ErrExist if version is 0 and dir has migrations;
// [ErrRefused] if the schemas differ; [fault.ErrAbsent] if only the application can
// create the schema; those of [Version].
func EnrollDB(ctx context.Context, path, dir string, version int, o Options) (e Enrolled, err error) {
	defer Wrap(&err, fault.OpEnroll, path)
	done, err := upgrade.Enroll(ctx, path, dir, version, o.Config())
	return Enrolled(done), err
}
