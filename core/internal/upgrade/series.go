package upgrade

import (
	"context"
	"errors"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/reason"
	"fastmigrate/core/internal/sqlite"
)

// Series applies migrations one by one, as [Run] with Config.To does, to a database that no one
// else uses. What [Run] would read first is known, and plain migrations share a connection, even
// if the caller does something else in between. The zero value is ready; it must be closed.
type Series struct{ run *apply.Run }

// Next applies a .sql migration of fsys to the database at path, which is the same each time, at
// version from, and without anything unfinished. Errors: those of [Run], but that a [fault.Error]
// does not have the version; [file.ErrVersionChanged] if the database is at another version, so
// that only [Run] can tell what to do.
func (s *Series) Next(ctx context.Context, path string, fsys fs.FS, opts Config, m naming.Migration, from int) ([]apply.Applied, error) {
	d, err := New(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	u := &upgrade{Database: d, run: s.run}
	if u.run == nil {
		u.run = &apply.Run{}
		s.run = u.run
	}
	u.run.DB, u.run.Opts, u.run.Fsys = d.DB, d.Opts.apply(), fsys
	if opts.Observer != nil {
		end, err := opts.Observer.Run(ctx, d.Target())
		if err != nil {
			return nil, err
		}
		defer end()
	}
	done, err := u.run.Next(ctx, []naming.Migration{m}, from)
	if err != nil {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			reason.AddHindsight(ctx, d.DB, err)
		}
		return nil, err
	}
	for _, a := range done {
		if err := u.noteApplied(ctx, a); err != nil {
			return u.result.Applied, err
		}
	}
	d.tidy(ctx, u.result.Applied)
	return u.result.Applied, nil
}

// Conn returns the connection that the next migration will use; nil if there is none. The
// caller may use it until then, and restores what it sets.
func (s *Series) Conn() *sqlite.Conn {
	if s.run == nil {
		return nil
	}
	return s.run.Kept()
}

// Close closes the connection. The Series is then as new.
func (s *Series) Close() {
	if s.run != nil {
		s.run.Close()
		s.run = nil
	}
}
