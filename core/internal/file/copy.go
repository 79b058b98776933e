package file

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"fastmigrate/core/internal/sqlite"
)

// CopyTo copies what is committed to a new file at path. It sees one state of
// the database, whoever writes meanwhile, and makes nobody wait but for a
// moment.
func (d *DB) CopyTo(ctx context.Context, path string, mode fs.FileMode) error {
	from, err := d.OpenRecover(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	return d.CopyConn(ctx, from, path, mode)
}

// CopyConn is copyTo from an open connection.
func (d *DB) CopyConn(ctx context.Context, from *sqlite.Conn, path string, mode fs.FileMode) error {
	// Without a transaction around it, each commit of another process would start
	// the copy anew.
	if err := d.BeginSnapshot(from); err != nil {
		return err
	}
	if _, err := from.Int("SELECT count(*) FROM sqlite_master"); err != nil {
		return d.Diagnose(err)
	}
	return d.CopySnapshot(ctx, path, from, mode)
}

// CopySnapshot copies what the read transaction of from sees to a new file at path.
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

// ReplaceContent makes the content of from that of to in one transaction, provided
// that nobody has written to it since its data version was seen. From may be in
// a read transaction already.
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

// ErrOvertaken says that another process wrote between the end of a program and
// the moment its copy was to replace the original.
var ErrOvertaken = errors.New("another process kept writing to the database")
