// How a database file is opened: never created, never changed unless asked to,
// and every way that fails told apart. The file is not opened by package os
// while SQLite has it open: closing it would drop SQLite's locks
// (https://sqlite.org/howtocorrupt.html, 2.2).

package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/abort"
	"fastmigrate/core/internal/sqlite"
)

// DB is a file to work on.
type DB struct {
	Name   string // as the caller gave it
	Path   string // absolute, of the file itself, or of what stands for it
	Shown  string // what messages call the file where they name others beside it
	Link   string // absolute path of the symbolic link that name is; "" if it is none
	Config Config

	Recovered bool     // an unfinished transaction was undone when it was first opened
	DirLock   *os.File // the locked directory, which its programs inherit; nil: it is not
	Original  string   // the file for which path stands; "" for none

	warned map[string]bool // warnings that a migration which runs twice gives once

	beforeStatement func() error // is called before each statement of a migration; nil: nobody is

	Watch *Watch // of the call; nil: there is none
}

// WithPath is another file, to be worked on with what d is.
func (d *DB) WithPath(path string) *DB {
	return &DB{Name: d.Name, Path: path, Config: d.Config, Watch: d.Watch}
}

// WithLockTimeout is d with another wait for locks, as Options.LockTimeout is.
func (d *DB) WithLockTimeout(timeout time.Duration) *DB {
	here := *d
	here.Config.LockTimeout = timeout
	return &here
}

// LockTimeout is how long to wait for a lock.
func (d *DB) LockTimeout() time.Duration {
	switch {
	case d.Config.LockTimeout < 0:
		return 0
	case d.Config.LockTimeout == 0:
		return 30 * time.Second
	}
	return d.Config.LockTimeout
}

func (d *DB) Log() *slog.Logger {
	if d.Config.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Config.Logger
}

// Locate locates a database, which need not be there.
func Locate(ctx context.Context, name string, cfg Config) (*DB, error) {
	switch {
	case name == "":
		return nil, errors.New("the path of the database is empty")
	case strings.IndexByte(name, 0) >= 0:
		return nil, errors.New("the path of the database holds a NUL byte")
	}
	if err := filename.Check(name, name); err != nil {
		return nil, err
	}
	cfg.Tool = cmp.Or(cfg.Tool, "fastmigrate")
	d := &DB{Name: name, Config: cfg, beforeStatement: abort.Ahead(ctx)}
	err := d.resolve()
	if err == nil && len(d.Path) > sqlite.LongestPath() {
		err = fault.Of(syscall.ENAMETOOLONG, "has a path of %d bytes, and SQLite takes at most %d: %s", len(d.Path), sqlite.LongestPath(), d.Path)
	}
	if err == nil {
		t := d.Target()
		if d.Path, err = d.Place().Database(ctx, t); err == nil && d.Path != t.Path {
			d.Original = t.Path
		}
	}
	return d, err
}

// Precheck reports what speaks against opening the file before SQLite does, which
// takes some files for empty databases and overwrites them.
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
	case info.Size() == 0 && Size(d.Path+"-wal") > 0: // which SQLite would remove
		return fault.Of(fault.ErrRefused, "is an empty file, but %s-wal beside it is not: that may be all that is left of a database", d.Shown)
	}
	for _, suffix := range []string{"-journal", "-wal", "-shm"} { // a pipe would stop SQLite for good
		if info, err := os.Stat(d.Path + suffix); err == nil && !info.Mode().IsRegular() {
			return fault.Of(fault.ErrRefused, "cannot be opened: %s%s is not a regular file", filepath.Base(d.Path), suffix)
		}
	}
	return d.twoNames(info)
}

// OpenWrite opens the database for writing.
func (d *DB) OpenWrite(ctx context.Context) (*sqlite.Conn, error) {
	return d.OpenWriteWith(ctx, sqlite.ReadWrite)
}

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

// OpenRead opens the database for reading only and leaves every file as it is. A
// transaction that a crash left unfinished it cannot undo: ErrUnfinished.
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
	// A connection that may write leaves no -wal and -shm behind, one that may
	// not does; but it would undo what a -journal says.
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

// OpenImmutable opens a database in WAL mode beside which no -wal can be made. Without
// one, all of it is in the file. Nil if it is in another mode.
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

// Opener is how a database is opened to be read: read or readOrRepair.
type Opener func(*DB, context.Context) (*sqlite.Conn, error)

// OpenRecover opens the database for reading, for a command that may write: it
// lets SQLite undo what a crash left, if it can.
func (d *DB) OpenRecover(ctx context.Context) (*sqlite.Conn, error) {
	if err := d.Precheck(); err != nil {
		return nil, err
	}
	if why := d.Unwritable(); why != nil {
		c, err := d.OpenRead(ctx)
		if errors.Is(err, fault.ErrUnfinished) {
			err = fmt.Errorf("a crash left a transaction unfinished in its -journal, which cannot be undone: %w", why)
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

// open opens the database and reads the schema, which tells most damage.
func (d *DB) open(ctx context.Context, flags sqlite.Flags) (*sqlite.Conn, error) {
	c, err := sqlite.Open(ctx, d.Path, flags|sqlite.NoFollow, d.LockTimeout())
	if err != nil {
		return nil, d.Diagnose(err)
	}
	c.Waiting = d.WarnLocked
	if _, err = c.Int("SELECT count(*) FROM sqlite_master"); err == nil {
		err = MakeDurable(c, "main")
	}
	if err != nil {
		err = d.unreadable(c, err)
		c.Close()
		return nil, err
	}
	return c, nil
}

// MakeDurable has what is committed to a schema stay committed when the power fails:
// without it, the directory may still hold the rollback journal that was removed,
// which undoes the transaction (https://sqlite.org/pragma.html#pragma_synchronous).
func MakeDurable(c *sqlite.Conn, schema string) error {
	return c.Exec("PRAGMA " + sqlite.Quote(schema) + ".synchronous = EXTRA")
}

// WarnOnce warns, unless it has.
func (d *DB) WarnOnce(text string) {
	if d.warned == nil {
		d.warned = map[string]bool{}
	}
	if !d.warned[text] {
		d.warned[text] = true
		d.Log().Warn(text)
	}
}

func (d *DB) WarnLocked() {
	d.Log().Warn("waiting: " + d.Name + " is locked" + HeldBy(d.Path))
}

// Aborted is why a migration ends before its next statement; nil: it does not.
func (d *DB) Aborted() error {
	if d.beforeStatement == nil {
		return nil
	}
	return d.beforeStatement()
}
