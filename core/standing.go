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

// dbStatus is which migrations are applied to a database, and which are pending.
type dbStatus struct {
	Version    int
	Recorded   bool
	Unrecorded string
	Ahead      bool
	Migrations []oneStatus
	Misnamed   []naming.Misnamed
	Problems   []error

	last  int           // version of the last file; 0 if there is none
	table history.Table // that holds the history
}

// oneStatus is how one migration stands.
type oneStatus struct {
	naming.Migration
	State    state
	Applied  *time.Time
	Duration time.Duration
	Rows     *int64
	Host     string
	Was      string

	sha256 string // of the text that was applied; "" if it was not, or that is not known
}

// state is what there is to say of a migration.
type state string

const (
	isApplied     state = "applied"
	isUnrecorded  state = "unrecorded" // at or below the version, but the history does not tell: another tool applied it, or nobody
	isPending     state = "pending"
	isRunning     state = "running"      // a process is at it
	isInterrupted state = "interrupted"  // a process ended in the middle of it
	isEdited      state = "edited"       // its file is no longer what was applied
	isMissing     state = "missing"      // applied, and its file is gone
	isOutOfOrder  state = "out-of-order" // below the version, and never applied
	isDuplicate   state = "duplicate"    // has its version together with another file
)

// status compares the database, opened as is said, with the migrations in fsys. Its
// problems are reasons not to migrate, and what was interrupted.
func (d *database) status(ctx context.Context, fsys fs.FS, open file.Opening) (s dbStatus, err error) {
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
	list, misnamed, err := d.o.kinds().Scan(fsys)
	if err != nil {
		return s, err
	}
	s = now.compare(list)
	if err := s.readTexts(everyText, sums(ctx, fsys)); err != nil {
		return s, err
	}
	s.Misnamed = misnamed
	s.Problems = s.refusals(d.o)
	if err := naming.OneFile(fsys, list); err != nil {
		s.Problems = append(s.Problems, fault.New("", err))
	}
	if e := (*fault.Error)(nil); now.left != nil && s.has(isInterrupted) && errors.As(apply.Interrupted(*now.left, d.Name), &e) {
		s.Problems = append(s.Problems, e)
	}
	return s, nil
}

func (s dbStatus) has(state state) bool { return len(s.in(state)) > 0 }

// in gives the migrations in a state.
func (s dbStatus) in(state state) (list []oneStatus) {
	for _, m := range s.Migrations {
		if m.State == state {
			list = append(list, m)
		}
	}
	return list
}
