package core

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

// outcome is what a run did.
type outcome struct {
	From, To int
	Applied  []apply.Applied
	Backup   string
}

// migrate applies the migrations of fsys that are pending.
func migrate(ctx context.Context, path string, fsys fs.FS, o settings) (result outcome, err error) {
	defer func() {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			e.Shown = e.Output != "" && o.Output != nil
		}
	}()
	if o.Backup && o.Hold == nil {
		o.Hold = &file.Hold{}
		defer o.Hold.Close()
	}
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return result, err
	}
	defer d.Watched()()
	u := &upgrade{database: d, fsys: fsys, run: d.run(fsys)}
	defer func() { d.tidy(ctx, u.result.Applied) }()
	defer u.run.Close()
	if err := u.look(ctx); err != nil {
		return result, err
	}
	d.unrecorded(u.now.table)
	u.run.O = d.o.run()
	u.result.From = u.now.version
	if err = u.apply(ctx); err != nil && !errors.Is(err, file.ErrGone) {
		err = u.afterwards(ctx, err)
	}
	return u.result, err
}

// upgrade applies what is pending.
type upgrade struct {
	*database
	fsys   fs.FS
	run    *apply.Run
	list   []naming.Migration
	now    survey
	todo   todo
	result outcome
}

// apply applies what is pending. Another process may do so too: it then looks again.
func (u *upgrade) apply(ctx context.Context) error {
	if err := u.read(); err != nil {
		return err
	}
	if err := u.decide(ctx); err != nil || len(u.todo.list()) == 0 {
		return err
	}
	if u.o.Observer != nil {
		u.Watch.Phase("check")
		end, err := u.o.Observer.Run(ctx, u.Target())
		if err != nil {
			return err
		}
		defer end()
	}
	for moved := 0; len(u.todo.list()) > 0; {
		if err := u.backUp(ctx); err != nil {
			return err
		}
		applied, err := u.run.Next(ctx, u.todo.list(), u.result.To)
		switch {
		case errors.Is(err, file.ErrMoved):
			was := u.now
			if err := u.look(ctx); err != nil {
				return err
			}
			if err := u.decide(ctx); err != nil {
				return err
			}
			if moved++; !u.now.same(was) {
				moved = 0
			} else if moved > 100 {
				return errors.New("its version does not stay what it was set to, and nobody else is seen to change it")
			}
		case err != nil:
			return err
		}
		for _, a := range applied {
			if err := u.applied(ctx, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// read lists the files.
func (u *upgrade) read() error {
	list, misnamed, err := u.o.kinds().List(u.fsys)
	if err != nil {
		return err
	}
	if err := naming.Unrecognised(u.now.version, list, misnamed); err != nil {
		return err
	}
	for _, line := range naming.Reasons(misnamed) {
		u.Log().Warn("no migration: " + line)
	}
	u.list = list
	return reachable(list, u.now, u.Name, u.o.To)
}

func (u *upgrade) decide(ctx context.Context) (err error) {
	u.todo, err = decide(u.now, u.list, sums(ctx, u.fsys), u.o)
	return err
}

// backUp makes the backup before the first migration, if one is wanted.
func (u *upgrade) backUp(ctx context.Context) error {
	if !u.o.Backup || u.result.Backup != "" {
		return nil
	}
	b, err := u.vault().Backup(ctx)
	if err != nil {
		return fmt.Errorf("nothing was migrated, as the backup did not succeed: %w", err)
	}
	u.result.Backup = b.Path
	if u.o.OnBackup != nil {
		u.Watch.Call(func() { u.o.OnBackup(b) })
	}
	return nil
}

// applied notes a migration that was applied, and tells of it.
func (u *upgrade) applied(ctx context.Context, done apply.Done) error {
	a := done.Applied
	u.result.To = max(u.result.To, a.Version)
	u.todo.done(a.Version)
	u.result.Applied = append(u.result.Applied, a)
	if u.o.Observer != nil {
		if err := u.o.Observer.Applied(ctx, u.Target(), a, done.Seen); err != nil {
			return err
		}
	}
	if u.o.OnApplied != nil {
		u.Watch.Call(func() { u.o.OnApplied(a) })
	}
	return nil
}

// afterwards gives err with what the database is like after it.
func (u *upgrade) afterwards(ctx context.Context, err error) error {
	e := (*fault.Error)(nil)
	if !errors.As(err, &e) {
		e = fault.New("", err)
		err = e
	}
	if e.Version = u.versionNow(ctx); e.Version >= 0 {
		u.result.To = e.Version
	}
	session.Hindsight(ctx, u.database.DB, err)
	return err
}

// look reads how the database stands, once a program that was killed and changed
// nothing is pending again.
func (u *upgrade) look(ctx context.Context) (err error) {
	u.Undone = u.Undone || u.Hot()
	if u.now, err = u.database.look(ctx); err == nil && u.now.idle != nil {
		if err = u.run.Release(ctx, *u.now.idle); err == nil {
			u.now, err = u.database.look(ctx)
		}
	}
	u.result.To = u.now.version
	return err
}

// versionNow reads the version after a failure, which may be another than what was
// meant or known; -1 if it cannot be read.
func (d *database) versionNow(ctx context.Context) int {
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

// look reads how the database stands.
func (d *database) look(ctx context.Context) (survey, error) {
	c, err := d.ReadOrRepair(ctx)
	if err != nil {
		return survey{}, err
	}
	defer c.Close()
	return d.survey(ctx, c)
}
