package core

import (
	"context"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
)

// Result is what RunMigrations did.
type Result struct {
	From    int       `json:"from"`             // the version before
	To      int       `json:"to"`               // the version now
	Applied []Applied `json:"applied"`          // what this call applied, in order
	Backup  string    `json:"backup,omitempty"` // path of the backup, if one was made
}

// RunMigrations applies the migrations of fsys above the version of the database
// at path, in order, and stops at the first that fails: those before it stay
// applied, it leaves nothing behind, and the Result says so also beside an
// error. Several processes may do so at once: each migration is applied by one.
// After many changes it brings the statistics of the query planner up to date,
// if there are any, and truncates a large write-ahead log, if nobody reads it.
//
// The error is an *fault.Error with the place in the migration. Beside the causes of
// Version: ErrHistory, ErrRecord, ErrRefused, ErrInterrupted, ErrForeignKey, ErrDuplicate,
// ErrAhead, ErrMissing, ErrEdited, ErrOutOfOrder, fault.ErrNoMigrations, ErrReadOnly,
// context.Canceled, or what SQLite or the program said.
func RunMigrations(ctx context.Context, path string, fsys fs.FS, o Options) (result Result, err error) {
	defer Wrap(&err, fault.OpMigrate, path)
	done, err := upgrade.Run(ctx, path, fsys, o.Config())
	result = Result{From: done.From, To: done.To, Backup: done.Backup}
	for _, a := range done.Applied {
		result.Applied = append(result.Applied, Applied(a))
	}
	return result, err
}
