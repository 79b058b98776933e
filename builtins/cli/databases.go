// The commands that create a versioned database, or make one versioned.

package cli

import (
	"errors"
	"fmt"
	"slices"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/release"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core"
	"fastmigrate/core/adopt"
)

type createDB struct{}

func (createDB) Help() string {
	return `Creates missing parent directories too. An empty file (0 bytes) becomes the
database. An existing versioned database is left unchanged; any other file is
refused, and left unchanged.

Example:

    fastmigrate create-db --db data/shop.db`
}

func (createDB) Run(a *app) error {
	v, created, err := core.CreateDB(a, a.db, a.options)
	if err != nil {
		return err
	}
	text := a.Line("A versioned database (version: %d) already exists at: %s", v, a.db)
	if created {
		text = a.Line(createdText, a.db)
	}
	return a.Report(text, result.Created{Database: a.db, Version: v, Created: created})
}

const createdText = "Created new versioned SQLite database with version=0 at: %s"

const programText = "FastMigrate version: " + release.Version

type checkVersion struct{}

func (checkVersion) Help() string {
	return `Nothing is created or changed. An unversioned database is not an error here; a
missing file, or one that is not a database, is.

Example:

    fastmigrate check-version --db data/shop.db`
}

func (checkVersion) Run(a *app) error {
	v, err := core.Version(a, a.db, a.options)
	text, number := fmt.Sprintf("Database version: %d", v), &v
	if errors.Is(err, core.ErrUnversioned) {
		text, number, err = "Database is unversioned (no _meta table)", nil, nil
	}
	if err != nil {
		if !a.JSON {
			a.Say(programText)
		}
		return err
	}
	return a.Report(programText+"\n"+text, result.Versions{Program: release.Version, SQLite: core.SQLiteVersion, Database: a.db, Version: number})
}

type enrollDB struct {
	Version  *int `placeholder:"N" help:"Enroll at version N of existing migrations, instead of writing one."`
	NoReplay bool `help:"Skip the check that they produce its schema. Needs --version."`
	ignored
}

// ignored are the flags of commands that compare a schema with that of migrations.
type ignored struct {
	IgnoreTable []string `placeholder:"NAME" help:"Ignore this table, which no migration creates. Tables of other migration tools are always ignored."`
}

// apply adds the tables to those that the configuration file ignores.
func (i ignored) apply(o *core.Options) {
	o.IgnoreTables = slices.Concat(o.IgnoreTables, i.IgnoreTable)
}

func (enrollDB) Help() string {
	return `Writes 0001-initial.sql, which creates the schema of the database, into the
migrations directory, tries it on a scratch database, and sets the version to 1.
The file has the schema, not the data, and leaves out the version tables of other
migration tools. If interrupted, it can be run again.

With --version N, no file is written: the migrations up to N are run on a scratch
database, and must produce the schema of this one.

Examples:

    fastmigrate enroll-db --db data/shop.db
    fastmigrate enroll-db --db data/shop.db --version 12`
}

func (c enrollDB) Run(a *app) error {
	switch {
	case c.NoReplay && c.Version == nil:
		return hint.Usagef("--no-replay needs --version")
	case c.Version != nil && *c.Version < 1:
		return hint.Usagef("--version=%d: versions begin with 1", *c.Version)
	}
	o := a.options
	o.NoReplay = c.NoReplay
	c.ignored.apply(&o)
	e, err := core.EnrollDB(a, a.db, a.dir, deref(c.Version), o)
	if err != nil {
		return err
	}
	a.changed(a.db)
	text := a.Line("%s is at version %d", a.db, e.Version)
	if e.File != "" {
		text = a.Line("wrote %s", e.File) + "\n" + text
	}
	return a.Report(text, e)
}

type adoptDB struct {
	From     string `required:"" enum:"goose,dbmate,golang-migrate,alembic,user_version" placeholder:"TOOL" help:"goose, dbmate, golang-migrate, alembic, or user_version."`
	Dir      string `arg:"" help:"Directory of the tool's migrations; for alembic, the one with alembic.ini."`
	Table    string `placeholder:"NAME" help:"The tool's version table. Default: its usual name."`
	DryRun   bool   `short:"n" help:"Check everything, and write nothing."`
	NoReplay bool   `help:"Skip the check that the applied migrations produce the schema."`
	ignored
}

func (adoptDB) Help() string {
	return `Copies the tool's migrations, numbered from 0001, into the migrations directory,
checks on a scratch database that the applied ones produce the schema, and only
then sets the version of the database. The tool's files and table are left
unchanged. If migrations need SQL functions or modules that only the application
has, skip the check with --no-replay.

"user_version" is for numbered files such as 001_users.sql, whose last applied
number is in PRAGMA user_version. For Alembic, its own program generates the SQL.

Examples:

    fastmigrate adopt --from goose db/migrations --db app.db --dry-run
    fastmigrate adopt --from alembic . --db app.db`
}

func (c adoptDB) Run(a *app) error {
	o := a.options
	o.NoReplay = c.NoReplay
	c.ignored.apply(&o)
	r, err := adopt.DB(a, a.db, adopt.Source{From: c.From, Dir: c.Dir, To: a.dir, Table: c.Table, DryRun: c.DryRun}, o)
	if err != nil {
		if e := (*core.Error)(nil); errors.As(err, &e) && e.File != "" {
			return report.In{Err: err, Dir: c.Dir}
		}
		return err
	}
	if !c.DryRun {
		a.changed(a.db)
	}
	did := "%s: in %s; %s is at version %d"
	if c.DryRun {
		did = "%s: would be in %s; %s would be at version %d"
	}
	return a.Report(r.String()+"\n"+a.Line(did, report.Count(len(r.Migrations), "migration"), a.dir, a.db, r.Version), result.Adopted{Database: a.db, Result: r, DryRun: c.DryRun})
}
