package file

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
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
