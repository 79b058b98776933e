// Copies by SQLite's backup API, from a database to a file and back. The invariant: a
// copy is of one state of the database, even if others write meanwhile.

package file

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"fastmigrate/core/internal/sqlite"
)

// CopyTo copies what is committed to a new file at path with that mode. Others wait no
// longer than a moment. Errors: those of [DB.OpenRecover]; ENOSPC.
func (d *DB) CopyTo(ctx context.Context, path string, mode fs.FileMode) error {
	from, err := d.OpenRecover(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	return d.CopyConn(ctx, from, path, mode)
}

// CopyConn is [DB.CopyTo] from an open connection, in which it begins a transaction.
func (d *DB) CopyConn(ctx context.Context, from *sqlite.Conn, path string, mode fs.FileMode) error {
	// Without a transaction around it, each commit of another process would restart
	// the copy.
	if err := d.BeginSnapshot(from); err != nil {
		return err
	}
	if _, err := from.Int("SELECT count(*) FROM sqlite_master"); err != nil {
		return d.Diagnose(err)
	}
	return d.CopySnapshot(ctx, path, from, mode)
}

// CopySnapshot copies what the read transaction of from sees to the file at path, which
// it makes with that mode if there is none.
func (d *DB) CopySnapshot(ctx context.Context, path string, from *sqlite.Conn, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	f.Close()
	to, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer to.Close()
	for _, p := range []string{"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"} {
		if err := to.Exec(p); err != nil {
			return err
		}
	}
	b, err := sqlite.NewBackup(to, from)
	if err != nil {
		return err
	}
	defer b.Close()
	now := d.Watch.Phase("copy")
	for {
		done, err := b.Step(1000)
		if err != nil {
			return d.Diagnose(full(err, ""))
		}
		now.copied(b)
		if done {
			return d.Diagnose(full(errors.Join(b.Close(), to.Close()), ""))
		}
	}
}

// ReplaceContent gives the database of to the content of from in one transaction, if
// the data version of to is still seen. From may be in a read transaction already.
// Errors: [ErrOvertaken] if someone has written to it since.
func (d *DB) ReplaceContent(to, from *sqlite.Conn, seen uint32) error {
	if from.Autocommit() {
		if err := d.BeginSnapshot(from); err != nil {
			return err
		}
	}
	if _, err := from.Int("SELECT count(*) FROM sqlite_master"); err != nil {
		return err
	}
	b, err := sqlite.NewBackup(to, from)
	if err != nil {
		return d.Diagnose(err)
	}
	defer b.Close()
	if _, err := b.Step(0); err != nil { // takes the lock, but copies nothing yet
		return d.Diagnose(err)
	}
	if now, err := to.DataVersion(); err != nil || now != seen {
		return errors.Join(err, ErrOvertaken)
	}
	now := d.Watch.Phase("replace")
	for {
		done, err := b.Step(1000)
		if err != nil {
			return d.Diagnose(err)
		}
		now.copied(b)
		if done {
			return d.Diagnose(b.Close())
		}
	}
}

// ErrOvertaken: another process wrote to a database before a copy could replace its
// content.
var ErrOvertaken = errors.New("another process kept writing to the database")
