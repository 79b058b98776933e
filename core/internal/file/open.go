// How a database file is opened. The invariant: package os does not open the file
// while SQLite has it open, since closing it would drop SQLite's locks
// (https://sqlite.org/howtocorrupt.html, 2.2).

package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
)

// Precheck reports why the file must not be opened, before SQLite opens it: SQLite
// takes some files for empty databases and overwrites them. Errors: [fault.ErrNoDatabase],
// [fault.ErrNotDatabase], [fault.ErrRefused], fs.ErrPermission.
func (d *DB) Precheck() error {
	info, err := os.Stat(d.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.ErrNoDatabase
	case errors.Is(err, fs.ErrPermission):
		return fault.Of(fs.ErrPermission, "no permission to reach it: %v", fault.WithoutPath(err))
	case err != nil:
		return fault.WithoutPath(err)
	case info.IsDir():
		return fault.Of(fault.ErrNotDatabase, "is a directory, not a database")
	case !info.Mode().IsRegular():
		return fault.Of(fault.ErrNotDatabase, "is not a regular file")
	case info.Size() > 0 && info.Size() < 512: // the smallest page
		if head, err := os.ReadFile(d.Path); err == nil {
			return looks(head, info.Size(), fault.ErrNotDatabase)
		}
		return fault.ErrNotDatabase
	case info.Size() == 0 && files.Size(d.Path+"-wal") > 0: // SQLite would remove the -wal
		return fault.Of(fault.ErrRefused, "is an empty file, but %s-wal beside it is not: it may be all that is left of a database", d.Shown)
	}
	for _, suffix := range []string{"-journal", "-wal", "-shm"} { // a pipe would stop SQLite for good
		if info, err := os.Stat(d.Path + suffix); err == nil && !info.Mode().IsRegular() {
			return fault.Of(fault.ErrRefused, "cannot be opened: %s%s is not a regular file", filepath.Base(d.Path), suffix)
		}
	}
	return d.twoNames(info)
}

// OpenWrite opens the database for writing, after [DB.Precheck], and reads its schema.
// SQLite rolls back what a crash left unfinished. Errors: those of [DB.Precheck] and
// [DB.Diagnose]; why the file cannot be written to.
func (d *DB) OpenWrite(ctx context.Context) (*sqlite.Conn, error) {
	return d.OpenWriteWith(ctx, sqlite.ReadWrite)
}

// OpenWriteWith is [DB.OpenWrite] with flags for [sqlite.Open].
func (d *DB) OpenWriteWith(ctx context.Context, flags sqlite.Flags) (*sqlite.Conn, error) {
	if err := d.Precheck(); err != nil {
		return nil, err
	}
	c, err := d.open(ctx, flags)
	if err != nil {
		return nil, err
	}
	if c.ReadOnly() {
		why := d.Unwritable()
		if why == nil {
			why = onlyRead(c)
		}
		c.Close()
		return nil, why
	}
	return c, nil
}

// OpenRead opens the database for reading only, after [DB.Precheck], and leaves every
// file as it is. Errors: [fault.ErrUnfinished] if a crash left a transaction unfinished,
// which only a writer can roll back; those of [DB.OpenWrite].
func (d *DB) OpenRead(ctx context.Context) (*sqlite.Conn, error) {
	if err := d.Precheck(); err != nil {
		return nil, err
	}
	if d.Exists("-wal") && !d.Exists("-shm") {
		// As of a copied database. If no one else has it open, it can be read
		// without making a -shm.
		if c, err := d.WithLockTimeout(-1).OpenReadAlone(ctx); err == nil {
			return c, nil
		}
	}
	return d.OpenReadShared(ctx)
}

// Exists reports whether the file with that suffix, as "-wal", is beside the database.
func (d *DB) Exists(suffix string) bool {
	_, err := os.Stat(d.Path + suffix)
	return err == nil
}

// OpenReadShared is [DB.OpenRead] for a database that passed [DB.Precheck], beside
// other connections.
func (d *DB) OpenReadShared(ctx context.Context) (*sqlite.Conn, error) { return d.openRead(ctx) }

// OpenReadAlone is [DB.OpenReadShared] while no other connection has the database
// open: one in WAL mode gets no -shm (https://sqlite.org/wal.html#use_of_wal_without_shared_memory).
// Errors: ErrBusy if another has it open.
func (d *DB) OpenReadAlone(ctx context.Context) (*sqlite.Conn, error) {
	return d.openRead(ctx, "PRAGMA locking_mode = EXCLUSIVE")
}

// openRead opens the database to read it. The statements inWAL run first if there
// is a -wal.
func (d *DB) openRead(ctx context.Context, inWAL ...string) (*sqlite.Conn, error) {
	// A connection that may write removes its -wal and -shm at the end, and one that
	// only reads leaves them; but the former would roll back a -journal.
	flags := sqlite.ReadWrite
	wal := d.Exists("-wal")
	if d.Exists("-journal") {
		flags = sqlite.ReadOnly
	}
	c, err := (*sqlite.Conn)(nil), error(nil)
	if !wal && d.Unwritable() != nil {
		c, err = d.OpenImmutable(ctx)
	}
	if c == nil && err == nil {
		c, err = sqlite.Open(ctx, d.Path, flags|sqlite.NoFollow, d.LockTimeout())
	}
	if err != nil {
		return nil, d.Diagnose(err)
	}
	c.Waiting = d.WarnLocked
	setup := []string{"PRAGMA query_only = 1"}
	if wal {
		c.KeepWAL()
		setup = append(setup, inWAL...)
	}
	for _, sql := range append(setup, "SELECT count(*) FROM sqlite_master") {
		if err := c.Exec(sql); err != nil {
			err = d.unreadable(c, err)
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// OpenImmutable opens a database in WAL mode beside which no -wal can be made: without
// a -wal, the whole database is in the file. Both results are nil if it is in another
// mode.
func (d *DB) OpenImmutable(ctx context.Context) (*sqlite.Conn, error) {
	path := filepath.ToSlash(d.Path)
	if filepath.VolumeName(d.Path) != "" { // https://sqlite.org/uri.html#the_uri_path
		path = "/" + path
	}
	uri := &url.URL{Scheme: "file", Path: path, RawQuery: "immutable=1"}
	c, err := sqlite.Open(ctx, uri.String(), sqlite.ReadOnly|sqlite.URI|sqlite.NoFollow, d.LockTimeout())
	if err != nil {
		return nil, err
	}
	// https://sqlite.org/fileformat2.html#file_format_version_numbers
	mode, err := c.Text("SELECT hex(substr(data, 19, 2)) FROM sqlite_dbpage WHERE pgno = 1")
	if err == nil && mode == "0202" {
		return c, nil
	}
	c.Close()
	return nil, nil
}

// Opener opens a database to read it: [DB.OpenRead] or [DB.OpenRecover].
type Opener func(*DB, context.Context) (*sqlite.Conn, error)

// OpenRecover opens the database for reading, on behalf of a command that may write:
// SQLite rolls back what a crash left unfinished. If the file cannot be written to, it
// is [DB.OpenRead], whose ErrUnfinished then becomes why.
func (d *DB) OpenRecover(ctx context.Context) (*sqlite.Conn, error) {
	if err := d.Precheck(); err != nil {
		return nil, err
	}
	if why := d.Unwritable(); why != nil {
		c, err := d.OpenRead(ctx)
		if errors.Is(err, fault.ErrUnfinished) {
			err = fmt.Errorf("a crash left a transaction unfinished in its -journal, which cannot be rolled back: %w", why)
		}
		return c, err
	}
	keep := d.Exists("-wal")
	c, err := d.OpenWrite(ctx)
	if err == nil && keep {
		c.KeepWAL()
	}
	return c, err
}

// open opens the database and reads the schema, which reveals most damage.
func (d *DB) open(ctx context.Context, flags sqlite.Flags) (*sqlite.Conn, error) {
	c, err := sqlite.Open(ctx, d.Path, flags|sqlite.NoFollow, d.LockTimeout())
	if err != nil {
		return nil, d.Diagnose(err)
	}
	c.Waiting = d.WarnLocked
	if _, err = c.Int("SELECT count(*) FROM sqlite_master"); err == nil {
		if err = MakeDurable(c, "main"); d.IsTrial() { // what is private has no power loss to survive
			err = c.Exec("PRAGMA main.synchronous = OFF")
		}
	}
	if err != nil {
		err = d.unreadable(c, err)
		c.Close()
		return nil, err
	}
	return c, nil
}

// MakeDurable makes commits to a schema survive a power loss. Otherwise the directory
// may still hold the rollback journal that was removed, which then rolls back the
// transaction (https://sqlite.org/pragma.html#pragma_synchronous).
func MakeDurable(c *sqlite.Conn, schema string) error {
	return c.Exec("PRAGMA " + sqlite.Quote(schema) + ".synchronous = EXTRA")
}
