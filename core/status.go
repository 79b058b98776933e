package core

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/upgrade"
)

// DatabaseStatus says which migrations are applied to a database, and which are pending.
type DatabaseStatus struct {
	Version    int               `json:"version"`              // of the database
	Recorded   bool              `json:"recorded"`             // the database has a history of applied migrations
	Unrecorded string            `json:"unrecorded,omitempty"` // why no history can be kept: an application has a table of its name
	Ahead      bool              `json:"ahead"`                // the version is above that of the last migration
	Migrations []MigrationStatus `json:"migrations"`           // by version
	Misnamed   []naming.Misnamed `json:"misnamed"`             // files that were probably meant as migrations, but are none

	// Problems are the reasons why RunMigrations would refuse, and interrupted migrations. Each is an
	// [*Error] with one of fault.ErrHistory, fault.ErrDuplicate, fault.ErrAhead, fault.ErrMissing,
	// fault.ErrEdited, fault.ErrOutOfOrder, fault.ErrNoMigrations and ErrInterrupted.
	Problems []error `json:"-"`
}

// MigrationStatus is the state of one migration in a database.
type MigrationStatus struct {
	Migration
	State   State      `json:"state"`
	Applied *time.Time `json:"applied,omitempty"` // when it was started; nil if that is not recorded
	// How it was applied; zero or nil if unknown.
	Duration time.Duration `json:"nanoseconds,omitempty"`
	Rows     *int64        `json:"rows,omitempty"` // inserted, updated and deleted; nil for programs
	Host     string        `json:"host,omitempty"`
	Was      string        `json:"was,omitempty"` // name of the file when it was applied, if it has changed since
}

// State is the state of a migration in a database.
type State = upgrade.State

const (
	StateApplied     State = upgrade.StateApplied
	StateUnrecorded  State = upgrade.StateUnrecorded // at or below the version, but not in the history: another tool applied it, or no one did
	StatePending     State = upgrade.StatePending
	StateRunning     State = upgrade.StateRunning     // a process is applying it
	StateInterrupted State = upgrade.StateInterrupted // a process stopped in the middle of it
	StateEdited      State = upgrade.StateEdited      // its file was changed after it was applied
	StateMissing     State = upgrade.StateMissing     // applied, and its file is gone
	StateOutOfOrder  State = upgrade.StateOutOfOrder  // below the version, and never applied
	StateDuplicate   State = upgrade.StateDuplicate   // another file has the same version
)

// Status compares the database at path with the migrations in fsys. It reads both, and
// creates and changes nothing. In WAL mode it works while others write. In other modes it
// waits for a transaction that is being committed or that has outgrown SQLite's cache,
// such as a long migration, and gives up with [ErrBusy] after [Options.LockTimeout]. It
// does not guess what the history does not record: see [StateUnrecorded]. Errors: those
// of [Version], and of fsys.
func Status(ctx context.Context, path string, fsys fs.FS, o Options) (s DatabaseStatus, err error) {
	defer Wrap(&err, fault.OpRead, path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return s, err
	}
	found, err := d.Status(ctx, fsys, (*file.DB).OpenRead)
	if err != nil {
		return s, err
	}
	s = DatabaseStatus{Version: found.Version, Recorded: found.Recorded, Unrecorded: found.Unrecorded, Ahead: found.Ahead,
		Migrations: make([]MigrationStatus, len(found.Migrations)), Misnamed: found.Misnamed, Problems: found.Problems}
	for i, m := range found.Migrations {
		s.Migrations[i] = MigrationStatus{m.Migration, m.State, m.Applied, m.Duration, m.Rows, m.Host, m.Was}
	}
	for i := range s.Problems {
		Wrap(&s.Problems[i], fault.OpRead, path)
	}
	return s, nil
}

// Pending reports whether any migration still must be applied.
func (s DatabaseStatus) Pending() bool {
	return slices.ContainsFunc(s.Migrations, func(m MigrationStatus) bool {
		return m.State == StatePending || m.State == StateRunning || m.State == StateInterrupted || m.State == StateOutOfOrder
	})
}
