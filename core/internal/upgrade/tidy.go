// What a large run leaves to be done. The rule: it delays nobody who uses the
// database, adds nothing to its schema, and that it does not succeed matters
// little.

package upgrade

import (
	"context"
	"fmt"
	"time"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/sqlite"
)

const (
	manyRows = 100_000         // changed, after which statistics are out of date
	largeWAL = 16 << 20        // bytes; SQLite itself keeps it at 4 MiB
	patience = 2 * time.Second // with the statistics, while others cannot write
)

// tidy brings the statistics of the query planner up to date, if the database
// has any, and gives back the space of a large write-ahead log.
func (r *Database) tidy(ctx context.Context, applied []apply.Applied) {
	var rows int64
	for _, a := range applied {
		rows += a.Rows
	}
	wal := r.Path + "-wal"
	// The log is gone already, unless another process has the database open.
	if ctx.Err() != nil || rows < manyRows && file.Size(wal) < largeWAL {
		return
	}
	here := r.WithLockTimeout(-1)
	r.Watch.Begin("", "tidy", 0)
	if rows >= manyRows {
		if err := optimize(ctx, here); err != nil {
			r.Log().Debug("the statistics of " + r.Name + " stay as they are: " + err.Error())
		}
	}
	if file.Size(wal) >= largeWAL {
		if err := checkpoint(ctx, here); err != nil {
			r.Log().Debug(wal + " stays as it is: " + err.Error())
		}
	}
}

// optimize has SQLite look anew, at samples, at the tables that have another size
// than its statistics say (https://sqlite.org/pragma.html#pragma_optimize). A
// database without statistics gets none: somebody chose its query plans, or
// never asked for better ones.
func optimize(ctx context.Context, d *file.DB) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	const stat = "SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND name = ?"
	if n, err := c.Int(stat, "sqlite_stat1"); err != nil || n == 0 {
		return err
	}
	return d.Transact(c, func() error {
		detailed, err := c.Int(stat, "sqlite_stat4")
		if err != nil {
			return err
		}
		if err := c.Exec("PRAGMA main.optimize(0x10012)"); err != nil { // all tables; each in little time
			return err
		}
		if detailed == 0 { // which other builds of SQLite have no use for
			return c.Exec("DROP TABLE IF EXISTS main.sqlite_stat4")
		}
		return nil
	})
}

// checkpoint moves what the write-ahead log holds into the database, and if
// nobody needs the log any more, truncates it
// (https://sqlite.org/pragma.html#pragma_wal_checkpoint). The first takes long,
// and stops nobody; the second does, for a moment.
func checkpoint(ctx context.Context, d *file.DB) error {
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, mode := range []string{"PASSIVE", "TRUNCATE"} {
		var busy, frames, moved int64
		err := c.Query(func(s *sqlite.Stmt) error {
			busy, frames, moved = s.Int(0), s.Int(1), s.Int(2)
			return nil
		}, "PRAGMA main.wal_checkpoint("+mode+")")
		switch {
		case err != nil:
			return err
		case busy != 0 || moved < frames:
			return fmt.Errorf("others still use %d of its %d pages", frames-moved, frames)
		}
	}
	return nil
}
