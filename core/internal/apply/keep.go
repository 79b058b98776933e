// A connection that is kept for the next migration. The invariant: a migration finds on it
// what it would find on a new one. So it is kept only after a script that left nothing on it
// ([session.Session.Plain]), and everything else ends it; and what is known of the database
// counts only as long as no one else has changed it.

package apply

import (
	"bytes"
	"context"
	"io/fs"
	"os"

	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// connection is one after a migration.
type connection struct {
	c     *sqlite.Conn
	file  fs.FileInfo    // of the database
	known *session.Known // of the database
	whole bool           // our tables are there with all their columns, and no triggers
}

// keep keeps the connection for the next migration if x, which is about to be committed, left
// nothing on it. It gives what to do after the COMMIT.
func (r *Run) keep(x *session.Session) (after func(), err error) {
	next := r.kept
	r.kept = nil
	if next == nil || next.c != x.Conn {
		next = &connection{c: x.Conn}
	}
	if !x.Plain() || r.excuseExisting {
		return func() {}, nil
	}
	if x.Known == nil {
		if next.known, err = session.Learn(x.Conn); err != nil || next.known == nil {
			return func() {}, err
		}
		if next.whole, err = history.Whole(x.Conn); err != nil {
			return nil, err
		}
	}
	return func() {
		if next.file == nil {
			next.file, _ = os.Stat(r.Path)
		}
		if next.file != nil && next.known.Committed(x.Conn) == nil {
			r.kept = next
		}
	}, nil
}

// small is the size in bytes of a script for which a new connection costs more than to run
// it.
const small = 64 << 10

// connect returns a connection for a script: the one that was kept, with what is known; or a
// new one.
func (r *Run) connect(ctx context.Context, s *plan.Script) (c *sqlite.Conn, known *session.Known, err error) {
	if k := r.kept; k != nil && s.Why == "" && len(s.Text) <= small && !bytes.Contains(bytes.ToLower(s.Text), []byte("changes")) { // of changes() and total_changes(), a new connection knows nothing
		if info, err := os.Stat(r.Path); err == nil && os.SameFile(info, k.file) {
			return k.c, k.known, nil
		}
	}
	r.drop()
	flags := sqlite.ReadWrite
	if s.Attaches { // which makes a file only if the connection might
		flags |= sqlite.Create
	}
	c, err = r.OpenWriteWith(ctx, flags)
	return c, nil, err
}

// Kept returns the connection that was kept; nil if none was.
func (r *Run) Kept() *sqlite.Conn {
	if r.kept == nil {
		return nil
	}
	return r.kept.c
}

// drop closes the connection that was kept, if there is one.
func (r *Run) drop() {
	if r.kept != nil {
		r.kept.c.Close()
		r.kept = nil
	}
}
