package apply

import (
	"context"
	"time"

	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
)

// Observer sees what is done to databases, and must not change them. It may be called from
// several goroutines at once, but not for one database.
type Observer interface {
	// Run is called before a run applies its first migration to a database; end is
	// called when the run is over, even if it fails. An error ends the run.
	Run(ctx context.Context, t file.Target) (end func(), err error)

	// Continue is called before each further migration of the run, or before all that are
	// applied together. An error ends the run.
	Continue(ctx context.Context, t file.Target) error

	session.Watcher

	// Applied is called after each migration that a run has applied. An error ends the run.
	Applied(ctx context.Context, t file.Target, d Done) error
}

// Applied is a migration that was applied; its fields are those of core.Applied.
type Applied struct {
	naming.Migration
	Duration   time.Duration
	Rows       int64
	Statements int
	Steps      bool
	Skipped    []string
}

// Done is a migration that was applied.
type Done struct {
	Applied
	Witness session.Witness      // of its statements; nil for a program, or if there was none
	Says    directive.Directives // what its comments ask for
	Text    []byte               // of its file
}
