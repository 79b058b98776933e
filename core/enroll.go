package core

import (
	"context"

	"fastmigrate/core/internal/upgrade"
)

// Enrolled is what EnrollDB did.
type Enrolled struct {
	Version int    `json:"version"`        // of the database now
	File    string `json:"file,omitempty"` // path of the migration that was written; "" if none was
}

// EnrollDB makes a database that was made elsewhere a versioned one. With
// version 0 it writes the migration 0001-initial.sql, which makes the schema of
// the database, into the directory dir, made if needed, and gives the database
// version 1. With another version the migrations in dir up to it are the
// database's history, and nothing is written to dir. Before the database gets
// its version, the migrations are run on a scratch database, which must come to
// have the same schema. If the file is there already as it would be written, and no
// other migration, as a call leaves it that was interrupted, it stands for the one
// to be written. If a foreign key of the schema refers to nothing unique, the file has
// the comment that lets it.
//
// Errors: ErrVersioned; fs.ErrExist if version is 0 and dir has migrations;
// ErrRefused if the schemas differ, ErrAbsent if only the application can make the
// schema; those of Version.
func EnrollDB(ctx context.Context, path, dir string, version int, o Options) (e Enrolled, err error) {
	defer Wrap(&err, "enroll", path)
	done, err := upgrade.Enroll(ctx, path, dir, version, o.Config())
	return Enrolled(done), err
}
