// The command run-migrations, and the application of migrations for others.

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core"
	"fastmigrate/core/filename"
	"fastmigrate/core/rehearse"
)

type runMigrations struct {
	migrationFlags
	DryRun rehearseFlag `short:"n" help:"Apply them to a private copy and report what they do. --dry-run=scripts runs .py and .sh too."`
}

// migrationFlags are the flags of commands that apply migrations.
type migrationFlags struct {
	Create bool `help:"Create the database first if it does not exist."`
	To     *int `placeholder:"N" help:"Stop at version N."`
	Backup bool `help:"Back up first, and do not migrate if the backup fails."`
	Atomic bool `help:"Apply all pending migrations or none, in one transaction. Only .sql and .star."`
	settings
	AllowOutOfOrder bool `help:"Also apply migrations below the database's version that were never applied."`
}

func (runMigrations) Help() string {
	return `Applies the migrations above the database's version, in order, and stops at the
first that fails; those before it stay applied. Several processes may run this at
once: each migration is applied once.

A migration reported as applied survives a loss of power: each commit is synced to
disk, and so is the directory (PRAGMA synchronous = EXTRA). A .sql migration that
sets synchronous itself loses this guarantee until its end.

Examples:

    fastmigrate run-migrations --create --db data/shop.db --migrations migrations
    fastmigrate run-migrations --backup --verbose
    fastmigrate run-migrations --to 12`
}

func (c runMigrations) Run(a *app) error {
	if c.DryRun.on {
		return rehearseDB{migrationFlags: c.migrationFlags, Scripts: c.DryRun.programs}.Run(a)
	}
	r, err := c.apply(a, a.options)
	if err != nil {
		return err
	}
	a.changed(a.db)
	text := a.Line("%s is at version %d: nothing is pending", a.db, r.To)
	if n := len(r.Applied); n > 0 {
		text = a.Line("%s is at version %d: %s applied", a.db, r.To, report.Count(n, "migration"))
	} else if r.To == 0 {
		text = a.Line("%s is at version 0: there are no migrations in %s", a.db, a.dir)
	}
	return a.Report(text, result.Migrated{Database: a.db, Result: r})
}

// apply applies the migrations, and says so unless it is a rehearsal, which has a report.
func (c migrationFlags) apply(a *app, o core.Options) (r core.Result, err error) {
	if err := a.readable(); err != nil {
		return r, err
	}
	if c.To != nil && *c.To < 1 {
		return r, hint.Usagef("--to=%d: versions begin with 1", *c.To)
	}
	told := !a.JSON && rehearse.Of(o) == nil
	o.To, o.Backup, o.Atomic, o.AllowOutOfOrder = deref(c.To), c.Backup, c.Atomic, c.AllowOutOfOrder
	o.OnBackup = func(b core.Backup) {
		if told {
			a.Say(a.Line("Database backup created: %s", b.Path))
		}
	}
	o.OnApplied = func(m core.Applied) {
		if told {
			a.Say(m.String())
		}
	}
	if c.Create {
		if err := a.recognised(); err != nil {
			return r, err
		}
		_, created, err := core.CreateDB(a, a.db, o)
		if err != nil {
			return r, err
		}
		if created && told {
			a.Say(a.Line(createdText, a.db))
		}
	}
	r, err = core.RunMigrations(a, a.db, os.DirFS(a.dir), o)
	if r.Applied == nil {
		r.Applied = []core.Applied{}
	}
	if err != nil {
		err = &report.RunError{Err: err, Result: r, Copy: rehearse.Of(o) != nil}
	}
	return r, err
}

// readable reports why the migrations cannot be read.
func (a *app) readable() error {
	if err := filename.Plain(a.dir, a.dir); err != nil {
		return fmt.Errorf("the migrations directory: %w", err)
	}
	dir, err := os.Open(a.dir)
	if err == nil {
		defer dir.Close()
		_, err = dir.ReadDir(1) // the run lists all
	}
	if err == io.EOF {
		return nil
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return hint.Unreadable{Err: fmt.Errorf("the migrations directory %s cannot be read: %w", a.dir, p.Err)}
	}
	return err
}

// recognised reports a directory without any migration among its files, before a
// database is created for it.
func (a *app) recognised() error {
	if info, err := os.Stat(a.db); err == nil && info.Size() > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // what is there may be past version 0
	}
	list, misnamed, err := a.options.Migrations(os.DirFS(a.dir))
	if err != nil || len(list) > 0 || len(misnamed) == 0 {
		return nil
	}
	return &core.Error{Op: "migrate", Path: a.db, Version: -1, Err: core.NoMigrations(misnamed)}
}
