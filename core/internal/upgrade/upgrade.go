// Package upgrade brings one database from its version to another: [Run] surveys the
// database ([Survey]), decides what to apply, and applies it; [Database.Status] tells what it
// would find. [Create] and [Enroll] give a database its first version, and [Database.Replay]
// runs migrations on a scratch database.
//
// The invariants: the decision is a pure function of what the database and the names of
// the files say, and it is made again whenever another process was faster. After a failure
// the version is read from the database, not assumed.
package upgrade

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/reason"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/stamp"
)

// Result is what [Run] did.
type Result struct {
	From, To int
	Applied  []apply.Applied
	Backup   string
}

// Run applies the pending migrations of fsys to the database at path, in order, and stops
// at the first that fails. The Result is also returned beside an error, which is a
// [fault.Error], except where there is no database to migrate.
func Run(ctx context.Context, path string, fsys fs.FS, opts Config) (result Result, err error) {
	defer func() {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			e.Shown = e.Output != "" && opts.Output != nil
		}
	}()
	if opts.Backup && opts.Hold == nil {
		opts.Hold = &file.Hold{}
		defer opts.Hold.Close()
	}
	d, err := New(ctx, path, opts)
	if err != nil {
		return result, err
	}
	defer d.ReportProgress()()
	u := &upgrade{Database: d, fsys: fsys, run: d.Run(fsys)}
	defer func() { d.tidy(ctx, u.result.Applied) }()
	defer u.run.Close()
	if err := u.look(ctx); err != nil {
		return result, err
	}
	d.skipTakenHistory(u.now.Table)
	u.run.Opts = d.Opts.apply()
	u.result.From = u.now.Version
	if err = u.apply(ctx); err != nil && !errors.Is(err, file.ErrGone) {
		err = u.withVersion(ctx, err)
	}
	return u.result, err
}

// upgrade is one run.
type upgrade struct {
	*Database
	fsys     fs.FS
	run      *apply.Run
	list     []naming.Migration
	misnamed []naming.Misnamed
	unlisted error // why the files cannot be listed
	current  bool  // nothing is pending, and nothing is wrong: see glance
	now      Survey
	todo     todo
	result   Result
}

// apply applies the pending migrations. If another process applies them too, it surveys
// the database again and makes a new decision.
func (u *upgrade) apply(ctx context.Context) error {
	if err := u.checkFiles(); err != nil || u.current {
		return err
	}
	if err := u.decide(ctx); err != nil || len(u.todo) == 0 {
		return err
	}
	if u.Opts.Observer != nil {
		u.Watch.Phase("check")
		end, err := u.Opts.Observer.Run(ctx, u.Target())
		if err != nil {
			return err
		}
		defer end()
	}
	for moved := 0; len(u.todo) > 0; {
		if err := u.backUp(ctx); err != nil {
			return err
		}
		if u.Opts.Observer != nil && len(u.result.Applied) > 0 {
			if err := u.Opts.Observer.Continue(ctx, u.Target()); err != nil {
				return err
			}
		}
		applied, err := u.run.Next(ctx, u.todo, u.result.To)
		switch {
		case errors.Is(err, file.ErrVersionChanged):
			was := u.now
			if err := u.survey(ctx); err != nil {
				return err
			}
			if err := u.decide(ctx); err != nil {
				return err
			}
			if moved++; !u.now.equal(was) {
				moved = 0
			} else if moved > 100 {
				return errors.New("its version does not stay at the value that was set, although no other process seems to change it")
			}
		case err != nil:
			return err
		}
		for _, a := range applied {
			if err := u.noteApplied(ctx, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkFiles reports why the migrations cannot be listed, and refuses a version that they
// do not reach.
func (u *upgrade) checkFiles() error {
	if u.unlisted != nil {
		return u.unlisted
	}
	if err := naming.CheckRecognised(u.now.Version, u.list, u.misnamed); err != nil {
		return err
	}
	for _, line := range naming.Reasons(u.misnamed) {
		u.Log().Warn("not a migration: " + line)
	}
	return checkTarget(u.list, u.now, u.Name, u.Opts.To)
}

func (u *upgrade) decide(ctx context.Context) (err error) {
	u.todo, err = decide(u.now, u.list, Checksums(ctx, u.fsys), u.Opts)
	return err
}

// backUp makes the backup before the first migration, if Config.Backup asks for one.
func (u *upgrade) backUp(ctx context.Context) error {
	if !u.Opts.Backup || u.result.Backup != "" {
		return nil
	}
	b, err := u.Vault().Backup(ctx)
	if err != nil {
		return fmt.Errorf("nothing was migrated, because the backup failed: %w", err)
	}
	u.result.Backup = b.Path
	if u.Opts.OnBackup != nil {
		u.Watch.Notify(func() { u.Opts.OnBackup(b) })
	}
	return nil
}

// noteApplied adds an applied migration to the result, and notifies whoever asked for it.
func (u *upgrade) noteApplied(ctx context.Context, done apply.Done) error {
	a := done.Applied
	u.result.To = max(u.result.To, a.Version)
	u.todo.remove(a.Version)
	u.result.Applied = append(u.result.Applied, a)
	if u.Opts.Observer != nil {
		if err := u.Opts.Observer.Applied(ctx, u.Target(), done); err != nil {
			return err
		}
	}
	if u.Opts.OnApplied != nil {
		u.Watch.Notify(func() { u.Opts.OnApplied(a) })
	}
	return nil
}

// withVersion adds to err the version that the database has after the failure.
func (u *upgrade) withVersion(ctx context.Context, err error) error {
	e := (*fault.Error)(nil)
	if !errors.As(err, &e) {
		e = fault.New("", err)
		err = e
	}
	if e.Version = u.versionNow(ctx); e.Version >= 0 {
		u.result.To = e.Version
	}
	reason.AddHindsight(ctx, u.Database.DB, err)
	return err
}

// look surveys the database and lists the migrations. It reads whole records only if the
// database is not current. The files are listed after the database was read, as a release
// adds its files before it applies them.
func (u *upgrade) look(ctx context.Context) error {
	u.Recovered = u.Recovered || u.HotJournal()
	c, err := u.OpenRecover(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := u.glance(c); err != nil || u.current {
		return err
	}
	before := u.now.Version
	if err := u.BeginSnapshot(c); err != nil {
		return err
	}
	if u.now, err = u.SurveyOn(ctx, c); err != nil {
		return err
	}
	if u.result.To = u.now.Version; u.now.Version != before {
		u.listFiles()
	}
	if u.unlisted == nil {
		u.unlisted = naming.CheckOneFile(u.fsys, u.list)
	}
	if u.now.idle == nil {
		return nil
	}
	c.Close()
	return u.survey(ctx)
}

// glance finds out whether the database is current: whether the history has each file
// under its name, and nothing else, as done, up to the version of the database.
func (u *upgrade) glance(c *sqlite.Conn) error {
	var applied []naming.Migration
	err := u.Snapshot(c, func() error { // which is over before the files are listed
		meta, table, err := history.FindTables(c)
		if err != nil {
			return u.Diagnose(err)
		}
		u.now.Table = table
		if u.now.Version, err = u.VersionIn(c, meta); err != nil {
			return err
		}
		applied, err = history.Applied(c, table, u.now.Version)
		return u.Diagnose(err)
	})
	if err != nil {
		return err
	}
	u.listFiles()
	u.result.To = u.now.Version
	n := len(applied)
	u.current = u.unlisted == nil && n > 0 && applied[n-1].Version == u.now.Version && slices.Equal(applied, u.list) && (u.Opts.To == 0 || u.Opts.To == u.now.Version)
	return nil
}

// listFiles is [naming.Kinds.List], but for a file with two names: if the history has both,
// neither is applied again.
func (u *upgrade) listFiles() {
	if u.list, u.misnamed, u.unlisted = u.Opts.Kinds().Scan(u.fsys); u.unlisted == nil {
		u.unlisted = naming.CheckUnique(u.list)
	}
}

// survey reads the state of the database. A program that was killed before it changed
// anything becomes pending again first.
func (u *upgrade) survey(ctx context.Context) (err error) {
	u.Recovered = u.Recovered || u.HotJournal()
	if u.now, err = u.Database.Survey(ctx); err == nil && u.now.idle != nil {
		if err = stamp.Forget(ctx, u.DB, *u.now.idle); err == nil {
			u.now, err = u.Database.Survey(ctx)
		}
	}
	u.result.To = u.now.Version
	return err
}

// versionNow reads the version after a failure, which may be neither the old nor the new
// one; -1 if it cannot be read.
func (d *Database) versionNow(ctx context.Context) int {
	here := d.WithLockTimeout(time.Second)
	c, err := here.OpenRecover(context.WithoutCancel(ctx))
	if err != nil {
		return -1
	}
	defer c.Close()
	v, err := here.Version(c)
	if err != nil {
		return -1
	}
	return v
}

// Survey opens the database and surveys it. What a crash left unfinished is undone first.
func (d *Database) Survey(ctx context.Context) (Survey, error) {
	c, err := d.OpenRecover(ctx)
	if err != nil {
		return Survey{}, err
	}
	defer c.Close()
	return d.SurveyOn(ctx, c)
}
