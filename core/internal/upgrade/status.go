package upgrade

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
)

// Status is the state of each migration of a database.
type Status struct {
	Version    int
	Recorded   bool
	Unrecorded string
	Ahead      bool
	Migrations []MigrationStatus
	Misnamed   []naming.Misnamed
	Problems   []error

	last  int           // version of the last file; 0 if there is none
	table history.Table // that holds the history
}

// MigrationStatus is the state of one migration.
type MigrationStatus struct {
	naming.Migration
	State    State
	Applied  *time.Time
	Duration time.Duration
	Rows     *int64
	Host     string
	Was      string

	sha256 string // of the text that was applied; "" if it was not, or that is not known
}

// State is the state of a migration.
type State string

const (
	StateApplied     State = "applied"
	StateUnrecorded  State = "unrecorded" // at or below the version, but not in the history: another tool applied it, or no one did
	StatePending     State = "pending"
	StateRunning     State = "running"      // a process is at it
	StateInterrupted State = "interrupted"  // a process ended in the middle of it
	StateEdited      State = "edited"       // its file is no longer what was applied
	StateMissing     State = "missing"      // applied, and its file is gone
	StateOutOfOrder  State = "out-of-order" // below the version, and never applied
	StateDuplicate   State = "duplicate"    // has its version together with another file
)

// Status compares the database, which open opens, with the migrations in fsys. Its
// Problems are the reasons not to migrate, and a migration that was interrupted.
func (d *Database) Status(ctx context.Context, fsys fs.FS, open file.Opener) (s Status, err error) {
	c, err := open(d.DB, ctx)
	if err != nil {
		return s, err
	}
	defer c.Close()
	if err := d.BeginSnapshot(c); err != nil { // all that is read is of one moment
		return s, err
	}
	now, err := d.SurveyOn(ctx, c)
	if err != nil {
		return s, err
	}
	list, misnamed, err := d.Opts.Kinds().Scan(fsys)
	if err != nil {
		return s, err
	}
	s = now.Status(list)
	if err := s.FindEdits(EveryText, Checksums(ctx, fsys)); err != nil {
		return s, err
	}
	s.Misnamed = misnamed
	s.Problems = s.Refusals(d.Opts)
	if err := naming.CheckOneFile(fsys, list); err != nil && !s.current() {
		s.Problems = append(s.Problems, fault.New("", err))
	}
	if e := (*fault.Error)(nil); now.Unfinished != nil && s.Has(StateInterrupted) && errors.As(apply.Interrupted(*now.Unfinished, d.Name), &e) {
		s.Problems = append(s.Problems, e)
	}
	return s, nil
}

// current reports whether each migration was applied under the name of its file.
func (s Status) current() bool {
	return !slices.ContainsFunc(s.Migrations, func(m MigrationStatus) bool { return m.State != StateApplied || m.Was != "" })
}

// Has reports whether a migration is in a state.
func (s Status) Has(state State) bool { return len(s.In(state)) > 0 }

// In returns the migrations in a state.
func (s Status) In(state State) (list []MigrationStatus) {
	for _, m := range s.Migrations {
		if m.State == state {
			list = append(list, m)
		}
	}
	return list
}
