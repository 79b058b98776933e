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

// DatabaseStatus is which migrations are applied to a database, and which are pending.
type DatabaseStatus struct {
	Version    int               `json:"version"`              // of the database
	Recorded   bool              `json:"recorded"`             // there is a history of what was applied
	Unrecorded string            `json:"unrecorded,omitempty"` // why none can be kept: an application has its name
	Ahead      bool              `json:"ahead"`                // the version is above that of the last file
	Migrations []MigrationStatus `json:"migrations"`           // by version
	Misnamed   []naming.Misnamed `json:"misnamed"`             // files that are no migrations, but were probably meant as some

	// Problems are the reasons for which RunMigrations would refuse, and what was
	// interrupted: *fault.Error with one of ErrHistory, ErrDuplicate, ErrAhead, ErrMissing, ErrEdited,
	// ErrOutOfOrder, fault.ErrNoMigrations, ErrInterrupted each.
	Problems []error `json:"-"`
}

// MigrationStatus is how one migration stands.
type MigrationStatus struct {
	Migration
	State   State      `json:"state"`
	Applied *time.Time `json:"applied,omitempty"` // when it was begun; nil if that is not recorded
	// What is known of how it was applied, else zero or nil.
	Duration time.Duration `json:"nanoseconds,omitempty"`
	Rows     *int64        `json:"rows,omitempty"` // inserted, updated and deleted; nil for programs
	Host     string        `json:"host,omitempty"`
	Was      string        `json:"was,omitempty"` // name of the file then, if it has another now
}

// State is what there is to say of a migration.
type State = upgrade.State

const (
	StateApplied     State = upgrade.StateApplied
	StateUnrecorded  State = upgrade.StateUnrecorded // at or below the version, but the history does not tell: another tool applied it, or nobody
	StatePending     State = upgrade.StatePending
	StateRunning     State = upgrade.StateRunning     // a process is at it
	StateInterrupted State = upgrade.StateInterrupted // a process ended in the middle of it
	StateEdited      State = upgrade.StateEdited      // its file is no longer what was applied
	StateMissing     State = upgrade.StateMissing     // applied, and its file is gone
	StateOutOfOrder  State = upgrade.StateOutOfOrder  // below the version, and never applied
	StateDuplicate   State = upgrade.StateDuplicate   // has its version together with another file
)

// Status compares the database at path with the migrations in fsys. It reads both, and
// creates and changes nothing. In WAL mode it works while others write. In other modes it
// waits for a transaction that is being committed or that has outgrown SQLite's cache,
// such as a long migration, and gives up with ErrBusy after Options.LockTimeout. What the
// history does not record is not guessed: see [StateUnrecorded]. Errors: those of
// [Version], and of fsys.
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

// Pending reports whether there is a migration that still has to be applied.
func (s DatabaseStatus) Pending() bool {
	return slices.ContainsFunc(s.Migrations, func(m MigrationStatus) bool {
		return m.State == StatePending || m.State == StateRunning || m.State == StateInterrupted || m.State == StateOutOfOrder
	})
}
