package apply

import (
	"context"
	"time"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
)

// Observer sees what is done to databases. It changes nothing of them, and may be
// called from several goroutines at once, but not for one database.
type Observer interface {
	// Run is called before a run applies its first migration to a database; end is
	// called when it is over, also if it fails. An error ends the run.
	Run(ctx context.Context, t file.Target) (end func(), err error)

	session.Watcher

	// Applied is called after each migration that a run has applied. Seen is who saw
	// its statements; nil for a program, or if nobody did. An error ends the run.
	Applied(ctx context.Context, t file.Target, a Applied, seen session.Witness) error
}

// Applied is a migration that was applied, as core's Applied tells it.
type Applied struct {
	naming.Migration
	Duration   time.Duration
	Rows       int64
	Statements int
	Steps      bool
	Skipped    []string
}

// Done is a migration that was applied, and who saw its statements; nil if it was a program,
// or if nobody did.
type Done struct {
	Applied
	Witness session.Witness
}
