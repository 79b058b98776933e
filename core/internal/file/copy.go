// Copies from a database to a file, and back by SQLite's backup API. The invariant: a
// copy is of one state of the database, even if others write meanwhile.

package file

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
)

// CopyTo copies what is committed to a new file at path with that mode. Others wait no
// longer than a moment. Errors: those of [DB.OpenRecover]; ENOSPC.
func (d *DB) CopyTo(ctx context.Context, path string, mode fs.FileMode) error {
	_, err := d.CopyAndSee(ctx, path, mode, io.Discard)
	return err
}

// CopyAndSee is [DB.CopyTo] that also writes the bytes of the copy to see, and gives how
// many: all, or none if the copy cannot be made from its first to its last byte.
func (d *DB) CopyAndSee(ctx context.Context, path string, mode fs.FileMode, see io.Writer) (seen int64, err error) {
	from, err := d.OpenRecover(ctx)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	return d.copyConn(ctx, from, path, mode, see)
}

// CopyConn is [DB.CopyTo] from an open connection, in which it begins a transaction.
func (d *DB) CopyConn(ctx context.Context, from *sqlite.Conn, path string, mode fs.FileMode) error {
	_, err := d.copyConn(ctx, from, path, mode, io.Discard)
	return err
}

func (d *DB) copyConn(ctx context.Context, from *sqlite.Conn, path string, mode fs.FileMode, see io.Writer) (seen int64, err error) {
	// Without a transaction around it, each commit of another process would restart
	// the copy.
	if err := d.BeginSnapshot(from); err != nil {
		return 0, err
	}
	if _, err := from.Int("SELECT count(*) FROM sqlite_master"); err != nil {
		return 0, d.Diagnose(err)
	}
	return d.copySnapshot(ctx, path, from, mode, see)
}

// CopySnapshot copies what the read transaction of from sees to the file at path, which
// it makes with that mode if there is none. No one else may know that file.
func (d *DB) CopySnapshot(ctx context.Context, path string, from *sqlite.Conn, mode fs.FileMode) error {
	_, err := d.copySnapshot(ctx, path, from, mode, io.Discard)
	return err
}

func (d *DB) copySnapshot(ctx context.Context, path string, from *sqlite.Conn, mode fs.FileMode, see io.Writer) (seen int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return 0, err
	}
	f.Close()
	to, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return 0, err
	}
	defer to.Close()
	now := d.Watch.Phase("copy")
	image, err := from.Image()
	if err == nil && image != nil {
		seen, err = copyImage(ctx, to, image, see, now)
	} else if err == nil {
		err = copyPages(to, from, now)
	}
	return seen, d.Diagnose(full(cmp.Or(err, to.Close()), ""))
}

// copyPages copies page by page, as SQLite finds them.
func copyPages(to, from *sqlite.Conn, now *Stage) error {
	for _, p := range []string{"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"} {
		if err := to.Exec(p); err != nil {
			return err
		}
	}
	b, err := sqlite.NewBackup(to, from)
	if err != nil {
		return err
	}
	return b.Finish(now.copied)
}

// copyImage writes an image to the file of a connection, and at the same time to see.
func copyImage(ctx context.Context, to *sqlite.Conn, from *sqlite.Image, see io.Writer, now *Stage) (seen int64, err error) {
	f, err := to.File()
	if err != nil {
		return 0, err
	}
	return files.CopyBlocks(io.NewOffsetWriter(f, 0), see, io.NewSectionReader(from, 0, from.Size()), func(copied int64) error {
		now.copied(int(copied/from.PageSize), int(from.Pages))
		return context.Cause(ctx)
	})
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
	return d.Diagnose(b.Finish(now.copied))
}

// ErrOvertaken: another process wrote to a database before a copy could replace its
// content.
var ErrOvertaken = errors.New("another process kept writing to the database")
