package core

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
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

	last  int           // version of the last file; 0 if there is none
	table history.Table // that holds the history
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

	sha256 string // of the text that was applied; "" if it was not, or that is not known
}

// State is what there is to say of a migration.
type State string

const (
	StateApplied     State = "applied"
	StateUnrecorded  State = "unrecorded" // at or below the version, but the history does not tell: another tool applied it, or nobody
	StatePending     State = "pending"
	StateRunning     State = "running"      // a process is at it
	StateInterrupted State = "interrupted"  // a process ended in the middle of it
	StateEdited      State = "edited"       // its file is no longer what was applied
	StateMissing     State = "missing"      // applied, and its file is gone
	StateOutOfOrder  State = "out-of-order" // below the version, and never applied
	StateDuplicate   State = "duplicate"    // has its version together with another file
)

// Status compares the database at path with the migrations in fsys, and
// reads both. It creates and changes nothing. In WAL mode it works while others
// write. In other modes it waits while a transaction is committed, and as long as one
// goes on that has outgrown SQLite's cache, as that of a long migration: after
// Options.LockTimeout it gives up with ErrBusy. What the history does not hold, as of
// databases that another tool migrated, is not guessed. Options.AllowMissing and AllowOutOfOrder decide what is a problem.
// Errors: those of Version and of fsys, but ErrDuplicate.
func Status(ctx context.Context, path string, fsys fs.FS, o Options) (s DatabaseStatus, err error) {
	return status(ctx, path, fsys, o, (*file.DB).Read)
}

func status(ctx context.Context, path string, fsys fs.FS, o Options, open file.Opening) (s DatabaseStatus, err error) {
	defer wrap(&err, "read", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return s, err
	}
	c, err := open(d.DB, ctx)
	if err != nil {
		return s, err
	}
	defer c.Close()
	if err := d.OfOneMoment(c); err != nil { // all that is read is of one moment
		return s, err
	}
	now, err := d.survey(ctx, c)
	if err != nil {
		return s, err
	}
	list, misnamed, err := o.kinds().Scan(fsys)
	if err != nil {
		return s, err
	}
	s = now.compare(list)
	if err := s.readTexts(everyText, sums(ctx, fsys)); err != nil {
		return s, err
	}
	s.Misnamed = misnamed
	s.Problems = s.refusals(o)
	if err := naming.OneFile(fsys, list); err != nil {
		s.Problems = append(s.Problems, fault.New("", err))
	}
	if e := (*fault.Error)(nil); now.left != nil && s.has(StateInterrupted) && errors.As(apply.Interrupted(*now.left, d.Name), &e) {
		s.Problems = append(s.Problems, e)
	}
	for i := range s.Problems {
		wrap(&s.Problems[i], "read", path)
	}
	return s, nil
}

// Pending reports whether there is a migration that still has to be applied.
func (s DatabaseStatus) Pending() bool {
	return s.has(StatePending) || s.has(StateRunning) || s.has(StateInterrupted) || s.has(StateOutOfOrder)
}

func (s DatabaseStatus) has(state State) bool { return len(s.in(state)) > 0 }

// in gives the migrations in a state.
func (s DatabaseStatus) in(state State) (list []MigrationStatus) {
	for _, m := range s.Migrations {
		if m.State == state {
			list = append(list, m)
		}
	}
	return list
}
