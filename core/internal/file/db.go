// Package file is one database file: where it is, how it is opened, read, copied and
// locked, and the version in it.
//
// The invariants: a file is never created and never changed unless asked to, and every
// way that opening fails is told apart ([DB.Diagnose]). Links are followed once, in
// [Locate]; every other path derives from what they lead to.
package file

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"syscall"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/abort"
	"fastmigrate/core/internal/progress"
	"fastmigrate/core/internal/sqlite"
)

// DB is a database file to work on. [Locate] makes one; it holds no connection.
type DB struct {
	Name   string // as the caller gave it
	Path   string // absolute, without links: of the file that is worked on
	Shown  string // what messages call the file where they name others beside it
	Link   string // absolute path of the symbolic link that Name is; "" if it is none
	Config Config

	Original  string          // absolute path of the file for which Path stands; "" if Path is the file itself
	Recovered bool            // SQLite rolled back an unfinished transaction when it first opened the file
	Watch     *progress.Watch // counts for Config.OnProgress; nil counts nothing

	warned          map[string]bool // by their texts: see WarnOnce
	beforeStatement func() error    // of a test: see Aborted; may be nil
}

// WithPath returns the DB of another file, with the name, settings and progress of d.
func (d *DB) WithPath(path string) *DB {
	return &DB{Name: d.Name, Path: path, Config: d.Config, Watch: d.Watch}
}

// WithLockTimeout returns a copy of d with another [Config.LockTimeout].
func (d *DB) WithLockTimeout(timeout time.Duration) *DB {
	here := *d
	here.Config.LockTimeout = timeout
	return &here
}

// LockTimeout is how long to wait for a lock: that of the [Config], 30 seconds if it
// is 0, and no time if it is negative.
func (d *DB) LockTimeout() time.Duration {
	switch {
	case d.Config.LockTimeout < 0:
		return 0
	case d.Config.LockTimeout == 0:
		return 30 * time.Second
	}
	return d.Config.LockTimeout
}

// Log returns the logger of the [Config], or one that discards all if that is nil.
func (d *DB) Log() *slog.Logger {
	if d.Config.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Config.Logger
}

// Locate finds the file that name leads to, which need not exist. Errors: [fault.ErrNoPath]
// if name is no path; ENAMETOOLONG; those of the [Place] of a trial.
func Locate(ctx context.Context, name string, cfg Config) (*DB, error) {
	switch {
	case name == "":
		return nil, errors.New("the path of the database is empty")
	case strings.IndexByte(name, 0) >= 0:
		return nil, errors.New("the path of the database has a NUL byte")
	}
	if err := filename.Check(name, name); err != nil {
		return nil, err
	}
	cfg.Tool = cmp.Or(cfg.Tool, "fastmigrate")
	d := &DB{Name: name, Config: cfg, beforeStatement: abort.Ahead(ctx)}
	err := d.resolve()
	if err == nil && len(d.Path) > sqlite.LongestPath() {
		err = fault.Of(syscall.ENAMETOOLONG, "has a path of %d bytes, but SQLite takes at most %d: %s", len(d.Path), sqlite.LongestPath(), d.Path)
	}
	if err == nil {
		t := d.Target()
		if d.Path, err = d.Place().Database(ctx, t); err == nil && d.Path != t.Path {
			d.Original = t.Path
		}
	}
	return d, err
}

// WarnOnce logs a warning, unless d has logged it before: a migration may run twice.
func (d *DB) WarnOnce(text string) {
	if d.warned == nil {
		d.warned = map[string]bool{}
	}
	if !d.warned[text] {
		d.warned[text] = true
		d.Log().Warn(text)
	}
}

// WarnLocked warns that the call waits for a lock, and names its holders if possible.
func (d *DB) WarnLocked() {
	d.Log().Warn("waiting: " + d.Name + " is locked" + HeldBy(d.Path))
}

// Aborted returns the error with which a test ends a migration before its next statement,
// or nil: see package abort.
func (d *DB) Aborted() error {
	if d.beforeStatement == nil {
		return nil
	}
	return d.beforeStatement()
}

// ReportProgress begins to call [Config.OnProgress], until the function end is called.
// It does nothing without OnProgress, or if d is watched already.
func (d *DB) ReportProgress() (end func()) {
	if d.Config.OnProgress == nil || d.Watch != nil {
		return func() {}
	}
	d.Watch, end = progress.Report(d.Path, d.Config.OnProgress)
	return end
}
