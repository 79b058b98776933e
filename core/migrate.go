package core

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/visible"
)

// Result is what [RunMigrations] did.
type Result struct {
	From    int       `json:"from"`             // the version before
	To      int       `json:"to"`               // the version now
	Applied []Applied `json:"applied"`          // what this call applied, in order
	Backup  string    `json:"backup,omitempty"` // path of the backup, if one was made
}

// RunMigrations applies the migrations in fsys above the version of the database at path,
// in order, and stops at the first one that fails. The failed migration leaves nothing
// behind; those before it stay applied, and the Result lists them even if an error is
// returned. Several processes may call it at once: each migration is applied by one of
// them. After many changes it updates the statistics of the query planner, if there are
// any, and truncates a large write-ahead log, if no one is reading it.
//
// The error is an [*Error] with the place in the migration. Its cause is one of those of
// [Version], [ErrRefused], [ErrInterrupted], [ErrForeignKey], [ErrReadOnly],
// [context.Canceled], what SQLite or the program said, and of package fault ErrHistory,
// ErrRecord, ErrDuplicate, ErrStaleText, ErrAhead, ErrMissing, ErrEdited, ErrOutOfOrder and
// ErrNoMigrations.
func RunMigrations(ctx context.Context, path string, fsys fs.FS, o Options) (result Result, err error) {
	defer Wrap(&err, fault.OpMigrate, path)
	done, err := upgrade.Run(ctx, path, fsys, o.Config())
	result = Result{From: done.From, To: done.To, Backup: done.Backup}
	for _, a := range done.Applied {
		result.Applied = append(result.Applied, Applied(a))
	}
	return result, err
}

// Applied is one migration that was applied.
type Applied struct {
	Migration
	Duration   time.Duration `json:"nanoseconds"` // to the millisecond, as the history has it; without the COMMIT
	Rows       int64         `json:"rows"`        // inserted, updated and deleted; 0 for programs, where it is unknown
	Statements int           `json:"statements"`  // of a .sql
	Steps      bool          `json:"steps"`       // it ran as several transactions: a .sql in steps, or a backfill

	// Skipped is the command line of a program that was not run because of a [Trial]; else
	// nil.
	Skipped []string `json:"skipped,omitempty"`
}

// String returns a line for a person: the name, and how long it took.
func (a Applied) String() string {
	if a.Skipped != nil {
		return fmt.Sprintf("%-40s not run: %s", visible.Line(a.Name), visible.Line(strings.Join(a.Skipped, " ")))
	}
	return fmt.Sprintf("%-40s %8s", visible.Line(a.Name), a.Took())
}

// Took returns the Duration, rounded for a person to read.
func (a Applied) Took() string {
	d := a.Duration
	switch {
	case d < 10*time.Millisecond:
		d = d.Round(10 * time.Microsecond)
	case d < time.Second:
		d = d.Round(time.Millisecond)
	default:
		d = d.Round(10 * time.Millisecond)
	}
	return d.String()
}
