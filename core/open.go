// How a database file is opened: never created, never changed unless asked to,
// and every way that fails told apart. The file is not opened by package os
// while SQLite has it open: closing it would drop SQLite's locks
// (https://sqlite.org/howtocorrupt.html, 2.2).

package core

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

// db is a file to work on.
type db struct {
	name  string // as the caller gave it
	path  string // absolute, of the file itself, or of what stands for it
	shown string // what messages call the file where they name others beside it
	link  string // absolute path of the symbolic link that name is; "" if it is none
	cfg   dbConfig

	undone   bool     // an unfinished transaction was undone when it was first opened
	locked   *os.File // the locked directory, which its programs inherit; nil: it is not
	original string   // the file for which path stands; "" for none

	told map[string]bool // warnings that a migration which runs twice gives once

	ahead func() error // is called before each statement of a migration; nil: nobody is

	watch *watch // of the call; nil: there is none
}

// at is another file, to be worked on with what d is.
func (d *db) at(path string) *db {
	return &db{name: d.name, path: path, cfg: d.cfg, watch: d.watch}
}

// within is d with another wait for locks, as Options.LockTimeout is.
func (d *db) within(timeout time.Duration) *db {
	here := *d
	here.cfg.LockTimeout = timeout
	return &here
}

// wait is how long to wait for a lock.
func (d *db) wait() time.Duration {
	switch {
	case d.cfg.LockTimeout < 0:
		return 0
	case d.cfg.LockTimeout == 0:
		return 30 * time.Second
	}
	return d.cfg.LockTimeout
}

func (d *db) log() *slog.Logger {
	if d.cfg.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.cfg.Logger
}

// newDB locates a database, which need not be there.
func newDB(ctx context.Context, name string, cfg dbConfig) (*db, error) {
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
	d := &db{name: name, cfg: cfg, ahead: abort.Ahead(ctx)}
	err := d.locate()
	if err == nil && len(d.path) > sqlite.LongestPath() {
		err = fault.Of(syscall.ENAMETOOLONG, "has a path of %d bytes, and SQLite takes at most %d: %s", len(d.path), sqlite.LongestPath(), d.path)
	}
	if err == nil {
		t := d.target()
		if d.path, err = d.place().Database(ctx, t); err == nil && d.path != t.Path {
			d.original = t.Path
		}
	}
	return d, err
}

// check reports what speaks against opening the file before SQLite does, which
// takes some files for empty databases and overwrites them.
func (d *db) check() error {
	info, err := os.Stat(d.path)
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
		if head, err := os.ReadFile(d.path); err == nil {
			return looks(head, info.Size(), fault.ErrNotDatabase)
		}
		return fault.ErrNotDatabase
	case info.Size() == 0 && size(d.path+"-wal") > 0: // which SQLite would remove
		return fault.Of(fault.ErrRefused, "is an empty file, but %s-wal beside it is not: that may be all that is left of a database", d.shown)
	}
	for _, suffix := range []string{"-journal", "-wal", "-shm"} { // a pipe would stop SQLite for good
		if info, err := os.Stat(d.path + suffix); err == nil && !info.Mode().IsRegular() {
			return fault.Of(fault.ErrRefused, "cannot be opened: %s%s is not a regular file", filepath.Base(d.path), suffix)
		}
	}
	return d.twoNames(info)
}

// write opens the database for writing.
func (d *db) write(ctx context.Context) (*sqlite.Conn, error) {
	return d.writeWith(ctx, sqlite.ReadWrite)
}

func (d *db) writeWith(ctx context.Context, flags sqlite.Flags) (*sqlite.Conn, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	c, err := d.open(ctx, flags)
	if err != nil {
		return nil, err
	}
	if c.ReadOnly() {
		why := d.unwritable()
		if why == nil {
			why = onlyRead(c)
		}
		c.Close()
		return nil, why
	}
	return c, nil
}

// read opens the database for reading only and leaves every file as it is. A
// transaction that a crash left unfinished it cannot undo: ErrUnfinished.
func (d *db) read(ctx context.Context) (*sqlite.Conn, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.exists("-wal") && !d.exists("-shm") {
		// As of a copied database. If nobody else has it open, it can be read
		// without making a -shm.
		if c, err := d.within(-1).readAs(ctx, true); err == nil {
			return c, nil
		}
	}
	return d.readAs(ctx, false)
}

func (d *db) exists(suffix string) bool {
	_, err := os.Stat(d.path + suffix)
	return err == nil
}

func (d *db) readAs(ctx context.Context, alone bool) (*sqlite.Conn, error) {
	// A connection that may write leaves no -wal and -shm behind, one that may
	// not does; but it would undo what a -journal says.
	flags := sqlite.ReadWrite
	wal := d.exists("-wal")
	if d.exists("-journal") {
		flags = sqlite.ReadOnly
	}
	c, err := (*sqlite.Conn)(nil), error(nil)
	if !wal && d.unwritable() != nil {
		c, err = d.frozen(ctx)
	}
	if c == nil && err == nil {
		c, err = sqlite.Open(ctx, d.path, flags|sqlite.NoFollow, d.wait())
	}
	if err != nil {
		return nil, d.diagnose(err)
	}
	c.Waiting = d.waiting
	setup := []string{"PRAGMA query_only = 1"}
	if wal {
		c.KeepWAL()
		if alone { // https://sqlite.org/wal.html#use_of_wal_without_shared_memory
			setup = append(setup, "PRAGMA locking_mode = EXCLUSIVE")
		}
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

// frozen opens a database in WAL mode beside which no -wal can be made. Without
// one, all of it is in the file. Nil if it is in another mode.
func (d *db) frozen(ctx context.Context) (*sqlite.Conn, error) {
	path := filepath.ToSlash(d.path)
	if filepath.VolumeName(d.path) != "" { // https://sqlite.org/uri.html#the_uri_path
		path = "/" + path
	}
	uri := &url.URL{Scheme: "file", Path: path, RawQuery: "immutable=1"}
	c, err := sqlite.Open(ctx, uri.String(), sqlite.ReadOnly|sqlite.URI|sqlite.NoFollow, d.wait())
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

// opening is how a database is opened to be read: read or readOrRepair.
type opening func(*db, context.Context) (*sqlite.Conn, error)

// readOrRepair opens the database for reading, for a command that may write: it
// lets SQLite undo what a crash left, if it can.
func (d *db) readOrRepair(ctx context.Context) (*sqlite.Conn, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if why := d.unwritable(); why != nil {
		c, err := d.read(ctx)
		if errors.Is(err, fault.ErrUnfinished) {
			err = fmt.Errorf("a crash left a transaction unfinished in its -journal, which cannot be undone: %w", why)
		}
		return c, err
	}
	keep := d.exists("-wal")
	c, err := d.write(ctx)
	if err == nil && keep {
		c.KeepWAL()
	}
	return c, err
}

// open opens the database and reads the schema, which tells most damage.
func (d *db) open(ctx context.Context, flags sqlite.Flags) (*sqlite.Conn, error) {
	c, err := sqlite.Open(ctx, d.path, flags|sqlite.NoFollow, d.wait())
	if err != nil {
		return nil, d.diagnose(err)
	}
	c.Waiting = d.waiting
	if _, err = c.Int("SELECT count(*) FROM sqlite_master"); err == nil {
		err = durable(c, "main")
	}
	if err != nil {
		err = d.unreadable(c, err)
		c.Close()
		return nil, err
	}
	return c, nil
}

// durable has what is committed to a schema stay committed when the power fails:
// without it, the directory may still hold the rollback journal that was removed,
// which undoes the transaction (https://sqlite.org/pragma.html#pragma_synchronous).
func durable(c *sqlite.Conn, schema string) error {
	return c.Exec("PRAGMA " + sqlite.Quote(schema) + ".synchronous = EXTRA")
}

// tellOnce warns, unless it has.
func (d *db) tellOnce(text string) {
	if d.told == nil {
		d.told = map[string]bool{}
	}
	if !d.told[text] {
		d.told[text] = true
		d.log().Warn(text)
	}
}

func (d *db) waiting() {
	d.log().Warn("waiting: " + d.name + " is locked" + heldBy(d.path))
}

// aborted is why a migration ends before its next statement; nil: it does not.
func (d *db) aborted() error {
	if d.ahead == nil {
		return nil
	}
	return d.ahead()
}
