package upgrade

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
)

// Result is what a run did.
type Result struct {
	From, To int
	Applied  []apply.Applied
	Backup   string
}

// Run applies the migrations of fsys that are pending.
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
	defer d.Watched()()
	u := &upgrade{Database: d, fsys: fsys, run: d.Run(fsys)}
	defer func() { d.tidy(ctx, u.result.Applied) }()
	defer u.run.Close()
	if err := u.survey(ctx); err != nil {
		return result, err
	}
	d.SkipTakenHistory(u.now.Table)
	u.run.O = d.Opts.apply()
	u.result.From = u.now.Version
	if err = u.apply(ctx); err != nil && !errors.Is(err, file.ErrGone) {
		err = u.withVersion(ctx, err)
	}
	return u.result, err
}

// upgrade applies what is pending.
type upgrade struct {
	*Database
	fsys   fs.FS
	run    *apply.Run
	list   []naming.Migration
	now    Survey
	todo   Todo
	result Result
}

// apply applies what is pending. Another process may do so too: it then looks again.
func (u *upgrade) apply(ctx context.Context) error {
	if err := u.listFiles(); err != nil {
		return err
	}
	if err := u.decide(ctx); err != nil || len(u.todo.List()) == 0 {
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
	for moved := 0; len(u.todo.List()) > 0; {
		if err := u.backUp(ctx); err != nil {
			return err
		}
		applied, err := u.run.Next(ctx, u.todo.List(), u.result.To)
		switch {
		case errors.Is(err, file.ErrMoved):
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
				return errors.New("its version does not stay what it was set to, and nobody else is seen to change it")
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

// listFiles lists the files.
func (u *upgrade) listFiles() error {
	list, misnamed, err := u.Opts.Kinds().List(u.fsys)
	if err != nil {
		return err
	}
	if err := naming.Unrecognised(u.now.Version, list, misnamed); err != nil {
		return err
	}
	for _, line := range naming.Reasons(misnamed) {
		u.Log().Warn("no migration: " + line)
	}
	u.list = list
	return checkTarget(list, u.now, u.Name, u.Opts.To)
}

func (u *upgrade) decide(ctx context.Context) (err error) {
	u.todo, err = Decide(u.now, u.list, Checksums(ctx, u.fsys), u.Opts)
	return err
}

// backUp makes the backup before the first migration, if one is wanted.
func (u *upgrade) backUp(ctx context.Context) error {
	if !u.Opts.Backup || u.result.Backup != "" {
		return nil
	}
	b, err := u.Vault().Backup(ctx)
	if err != nil {
		return fmt.Errorf("nothing was migrated, as the backup did not succeed: %w", err)
	}
	u.result.Backup = b.Path
	if u.Opts.OnBackup != nil {
		u.Watch.Call(func() { u.Opts.OnBackup(b) })
	}
	return nil
}

// noteApplied notes a migration that was applied, and tells of it.
func (u *upgrade) noteApplied(ctx context.Context, done apply.Done) error {
	a := done.Applied
	u.result.To = max(u.result.To, a.Version)
	u.todo.Done(a.Version)
	u.result.Applied = append(u.result.Applied, a)
	if u.Opts.Observer != nil {
		if err := u.Opts.Observer.Applied(ctx, u.Target(), a, done.Seen); err != nil {
			return err
		}
	}
	if u.Opts.OnApplied != nil {
		u.Watch.Call(func() { u.Opts.OnApplied(a) })
	}
	return nil
}

// withVersion gives err with what the database is like after it.
func (u *upgrade) withVersion(ctx context.Context, err error) error {
	e := (*fault.Error)(nil)
	if !errors.As(err, &e) {
		e = fault.New("", err)
		err = e
	}
	if e.Version = u.versionNow(ctx); e.Version >= 0 {
		u.result.To = e.Version
	}
	session.Hindsight(ctx, u.Database.DB, err)
	return err
}

// survey reads how the database stands, once a program that was killed and changed
// nothing is pending again.
func (u *upgrade) survey(ctx context.Context) (err error) {
	u.Undone = u.Undone || u.Hot()
	if u.now, err = u.Database.Survey(ctx); err == nil && u.now.idle != nil {
		if err = u.run.Release(ctx, *u.now.idle); err == nil {
			u.now, err = u.Database.Survey(ctx)
		}
	}
	u.result.To = u.now.Version
	return err
}

// versionNow reads the version after a failure, which may be another than what was
// meant or known; -1 if it cannot be read.
func (d *Database) versionNow(ctx context.Context) int {
	here := d.Within(time.Second)
	c, err := here.ReadOrRepair(context.WithoutCancel(ctx))
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

// Survey reads how the database stands.
func (d *Database) Survey(ctx context.Context) (Survey, error) {
	c, err := d.ReadOrRepair(ctx)
	if err != nil {
		return Survey{}, err
	}
	defer c.Close()
	return d.SurveyOn(ctx, c)
}
