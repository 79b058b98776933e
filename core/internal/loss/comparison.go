// How two databases are compared, table by table.

package loss

import (
	"context"
	"errors"
	"time"

	"fastmigrate/core/internal/sqlite"
)

// comparison is one of two databases, over a connection that the time of a table may end.
type comparison struct {
	ctx           context.Context
	before, after string
	seen          *Trace
	Limits

	c      *sqlite.Conn // nil: none is open
	cancel context.CancelCauseFunc
}

// errTime ends the comparison of one table.
var errTime = errors.New("the time of a table is over")

func (v *comparison) close() {
	if v.c != nil {
		v.c.Close()
		v.cancel(nil)
		v.c = nil
	}
}

// open opens the database after, to be read, with the one before attached.
func (v *comparison) open() error {
	if v.c != nil {
		return nil
	}
	ctx, cancel := context.WithCancelCause(v.ctx)
	c, err := sqlite.Open(ctx, v.after, sqlite.ReadWrite, time.Second)
	if err != nil {
		cancel(nil)
		return err
	}
	v.c, v.cancel = c, cancel
	if err = c.Exec("PRAGMA query_only = 1"); err == nil {
		err = c.Exec("ATTACH ? AS before", v.before)
	}
	return err
}

// table compares one table. The extent is nil if it is seen to be the same at once.
func (v *comparison) table(p Pair) (list []Finding, e *Extent, err error) {
	if err := v.open(); err != nil {
		return nil, nil, err
	}
	if v.seen == nil && p.Before.SQL == p.After.SQL && p.Before.Rows <= 10_000 {
		same, err := v.c.Int("SELECT NOT EXISTS (SELECT * FROM before." + sqlite.Quote(p.Before.Name) + " EXCEPT SELECT * FROM main." + sqlite.Quote(p.After.Name) + ")")
		if err != nil || same != 0 {
			return nil, nil, err
		}
	}
	e = &Extent{Table: p.After.Name, Of: p.Before.Rows, Gone: -1}
	end := time.AfterFunc(v.time(), func() { v.cancel(errTime) })
	if v.Time < 0 {
		end.Stop()
		v.cancel(errTime)
	}
	list, err = p.compareValues(v.c, v.seen, v.Limits, e)
	over := !end.Stop() // or it has begun
	if over {
		v.close()
	}
	if err != nil && over && v.ctx.Err() == nil {
		e.Unfinished, err = true, nil
	}
	return list, e, err
}
