package repair

import (
	"context"
	"fmt"
	"io/fs"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/upgrade"
)

// Resolution says what a person found out about an interrupted migration. The zero value
// is [RolledBack].
type Resolution int

const (
	// RolledBack: it left nothing behind, or it may run again in spite of what it left. The
	// next run starts it again.
	RolledBack Resolution = iota

	// Completed: it was applied completely. The database gets its version.
	Completed
)

// Resolve records what happened to an interrupted migration, for which [core.RunMigrations]
// returns [core.ErrInterrupted]. It returns the version of the database after that. It uses
// the LockTimeout, Logger and Trial of opts.
//
// Errors: fs.ErrNotExist if no migration was interrupted, [core.ErrBusy] if its process
// is still running, those of [core.Version], [core.ErrReadOnly].
func Resolve(ctx context.Context, path string, how Resolution, opts core.Options) (version int, err error) {
	defer core.Wrap(&err, fault.OpResolve, path)
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return 0, err
	}
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	err = d.Transact(c, func() error {
		if version, err = d.Version(c); err != nil {
			return err
		}
		left, found, err := history.Unfinished(c, version)
		switch {
		case err != nil:
			return d.Diagnose(err)
		case !found:
			return fault.Of(fs.ErrNotExist, "no migration was interrupted: it is at version %d", version)
		}
		if err := history.StillRuns(left); err != nil {
			return err
		}
		if how == RolledBack {
			if left.Position > 0 {
				d.Log().Warn(left.File + ": it is partly applied, and the next run applies that part again")
			}
			return history.Forget(c, left.Version)
		}
		now := version
		if err := d.SetVersion(c, now, left.Version); err != nil {
			return fmt.Errorf("%s: %w", left.File, err)
		}
		version = left.Version
		if err := history.EnsureTable(c); err != nil {
			return err
		}
		// The checksum of a part of the text, or of a backfill, would look as if the rest had been
		// added since, and another tool may have set versions between.
		if history.WayOf(left) != naming.Program {
			left.Sha256 = ""
		}
		if err := c.Exec("UPDATE main._meta_history SET state = 'done', sha256 = ?, previous = ?, cursor = NULL WHERE version = ?", left.Sha256, now, left.Version); err != nil {
			return err
		}
		if err := history.ConfirmRows(c, 1, "version = ? AND state = 'done'", left.Version); err != nil {
			return err
		}
		return d.ConfirmVersion(c, version)
	})
	return version, d.Diagnose(err)
}
