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
// directory dir, made if needed, and the database gets version 1. With another version,
// the migrations in dir up to that version are taken for the history of the database, and
// nothing is written to dir.
//
// Before the database gets its version, the migrations are run on a scratch database: they
// must produce the same schema. If dir holds 0001-initial.sql alone, as it would be
// written, for example after an interrupted call, it is kept. If a foreign key of the
// schema refers to columns that are not unique, the file has the comment that permits it.
//
// Errors: ErrVersioned; fs.ErrExist if version is 0 and dir has migrations; ErrRefused if
// the schemas differ; fault.ErrAbsent if only the application can make the schema; those
// of [Version].
func EnrollDB(ctx context.Context, path, dir string, version int, o Options) (e Enrolled, err error) {
	defer Wrap(&err, fault.OpEnroll, path)
	done, err := upgrade.Enroll(ctx, path, dir, version, o.Config())
	return Enrolled(done), err
}
