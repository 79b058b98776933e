// Maintenance after a large run. The rule: it delays no one who uses the database, adds
// nothing to its schema, and its failure is only logged.

package upgrade

import (
	"context"
	"fmt"
	"time"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
)

const (
	manyRows = 100_000         // changed, after which statistics are out of date
	largeWAL = 16 << 20        // bytes; SQLite itself keeps it at 4 MiB
	patience = 2 * time.Second // with the statistics, while others cannot write
)

// tidy updates the statistics of the query planner, if the database has any, and
// truncates a large write-ahead log.
func (d *Database) tidy(ctx context.Context, applied []apply.Applied) {
	var rows int64
	for _, a := range applied {
		rows += a.Rows
	}
	wal := d.Path + "-wal"
	// The log is gone already, unless another process has the database open.
	if ctx.Err() != nil || rows < manyRows && files.Size(wal) < largeWAL {
		return
	}
	here := d.WithLockTimeout(-1)
	d.Watch.Begin("", "tidy", 0)
	if rows >= manyRows {
		if err := optimize(ctx, here); err != nil {
			d.Log().Debug("the statistics of " + d.Name + " stay unchanged: " + err.Error())
		}
	}
	if files.Size(wal) >= largeWAL {
		if err := checkpoint(ctx, here); err != nil {
			d.Log().Debug(wal + " stays unchanged: " + err.Error())
		}
	}
}

// optimize has SQLite sample again the tables whose size differs from its statistics (https://sqlite.org/pragma.html#pragma_optimize). A
// database without statistics gets none: someone chose its query plans, or never
// asked for better ones.
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

// checkpoint moves the content of the write-ahead log into the database, and truncates
// the log if no one needs it any more
// (https://sqlite.org/pragma.html#pragma_wal_checkpoint). The first takes long and stops
// no one; the second does, for a moment.
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
			return fmt.Errorf("other connections still use %d of its %d pages", frames-moved, frames)
		}
	}
	return nil
}
