// Fastmigrate brings SQLite databases from version to version and never leaves
// one wrong.
//
// This file holds the grammar of the command line, a Run method for each
// command, and at its end the one place that reports and exits.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"fastmigrate/builtins"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/builtins/startest"
	"fastmigrate/core"
	"fastmigrate/core/config"
	"fastmigrate/core/coretest"
	"fastmigrate/core/fault"
	"fastmigrate/core/input"
	"fastmigrate/core/live"
	"fastmigrate/core/output"
	"fastmigrate/core/rehearsal"
	"fastmigrate/core/schema"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
	"github.com/rogpeppe/go-internal/diff"
)

const version = "0.1.0"

const description = `Brings SQLite databases from version to version.

Migrations are files NNNN-description.sql, .star, .py or .sh in one directory. A
.sql or .star migration happens as a whole, together with the change of the
version, or not at all.

A flag ranks above the environment, that above the configuration file, that
above the default. "fastmigrate --version" prints the versions of the program
and of SQLite.`

// grammar is the command line. What may also stand in the configuration file is
// a pointer: nil if it was not given.
type grammar struct {
	DB          *string        `name:"db" env:"FASTMIGRATE_DB" placeholder:"FILE" help:"Database file. Default: data/database.db."`
	Migrations  *string        `env:"FASTMIGRATE_MIGRATIONS" placeholder:"DIR" help:"Directory of the migrations. Default: migrations."`
	Config      *string        `aliases:"config_path" env:"FASTMIGRATE_CONFIG" placeholder:"FILE" help:"Configuration file. Default: .fastmigrate, if there is one."`
	LockTimeout *time.Duration `env:"FASTMIGRATE_LOCK_TIMEOUT" placeholder:"TIME" help:"How long to wait for a database that is locked, 0s: not at all. Default: 30s."`
	JSON        bool           `name:"json" help:"Print the result as JSON."`
	NoColor     bool           `help:"Print without colour, as NO_COLOR does."`
	Quiet       bool           `short:"q" help:"Print nothing but errors."`
	Verbose     bool           `short:"v" help:"Print what is being done, and what migrations print."`

	RunMigrations runMigrations `cmd:"" group:"Migrations:" name:"run-migrations" aliases:"run_migrations" help:"Apply the pending migrations."`
	Status        status        `cmd:"" group:"Migrations:" help:"Show how the database stands to its migrations."`
	Rehearse      rehearseDB    `cmd:"" group:"Migrations:" help:"Apply the pending migrations to a private copy, and report what they do."`
	New           newMigration  `cmd:"" group:"Migrations:" help:"Write the skeleton of the next migration."`
	Gen           gen           `cmd:"" group:"Migrations:" help:"Write a migration whose SQL is tedious to write."`
	Resolve       resolve       `cmd:"" group:"Migrations:" help:"Go on after a migration that was interrupted."`
	Accept        accept        `cmd:"" group:"Migrations:" help:"Accept that a migration was edited after it was applied."`
	Renumber      renumber      `cmd:"" group:"Migrations:" help:"Give migrations that come too late the next free numbers."`
	Drift         drift         `cmd:"" group:"Migrations:" help:"Compare the schema of the database with what its migrations make."`
	Wait          wait          `cmd:"" group:"Migrations:" help:"Wait until the database is at a version."`

	CreateDB     createDB     `cmd:"" group:"Databases:" name:"create-db" aliases:"create_db" help:"Create an empty database at version 0."`
	CheckVersion checkVersion `cmd:"" group:"Databases:" name:"check-version" aliases:"check_version" help:"Print the version of the program and of the database."`
	EnrollDB     enrollDB     `cmd:"" group:"Databases:" name:"enroll-db" aliases:"enroll_db" help:"Make a database that was made elsewhere a versioned one."`
	Adopt        adoptDB      `cmd:"" group:"Databases:" help:"Take over a database that another migration tool migrated."`
	CheckDB      checkDB      `cmd:"" group:"Databases:" name:"check-db" aliases:"check_db" help:"Look for damage, and for what does not fit together."`
	Schema       showSchema   `cmd:"" group:"Databases:" help:"Print the schema of the database, or compare it with a file."`

	BackupDB  backupDB  `cmd:"" group:"Backups:" name:"backup-db" aliases:"backup_db" help:"Make a copy of the database, also while others write to it."`
	Backups   backups   `cmd:"" group:"Backups:" help:"List the backups of the database, and what they hold."`
	RestoreDB restoreDB `cmd:"" group:"Backups:" name:"restore-db" aliases:"restore_db" help:"Put a backup in the place of the database's content."`

	Run   runTask   `cmd:"" group:"Workflows:" help:"Run a task of the Fastmigratefile."`
	Tasks listTasks `cmd:"" group:"Workflows:" help:"List the tasks of the Fastmigratefile."`
	Docs  docs      `cmd:"" group:"Workflows:" help:"Explain what a Fastmigratefile can call."`
	Test  testAll   `cmd:"" group:"Workflows:" help:"Run the tests of the migrations."`

	Completion completionScript `cmd:"" group:"Shells:" help:"Print what makes a shell complete commands, flags and tasks."`
}

// app is what a command works with.
type app struct {
	context.Context
	*grammar
	out, err io.Writer // results, which a terminal shows without what controls it; all else
	shown    io.Writer // as out, for text that is fit to be shown already, in colour
	db, dir  string
	options  core.Options // with all settings
	paths    []*path      // db and migrations, where anything says them
	hint     string       // to be printed last, if the command fails
	command  string       // its name, or "" before it is known

	rehearsal []core.Rehearsed // what a rehearsal did
}

// results is standard output, and what went wrong with it. A reader that went
// away, as head does, wants no more of it, which is nobody's failure.
type results struct{ err error }

func (r *results) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	r.err = cmp.Or(r.err, err)
	return n, err
}

type createDB struct{}

func (createDB) Help() string {
	return `Directories above the file are made too. A file of 0 bytes becomes the database.
A versioned database that is there is left alone; any other file is refused and
left alone.

Example:

    fastmigrate create-db --db data/shop.db`
}

func (createDB) Run(a *app) error {
	v, created, err := core.CreateDB(a, a.db, a.options)
	if err != nil {
		return err
	}
	text := a.line("A versioned database (version: %d) already exists at: %s", v, a.db)
	if created {
		text = a.line(createdText, a.db)
	}
	return a.report(text, struct {
		Database string `json:"database"`
		Version  int    `json:"version"`
		Created  bool   `json:"created"`
	}{a.db, v, created})
}

const createdText = "Created new versioned SQLite database with version=0 at: %s"

type checkVersion struct{}

func (checkVersion) Help() string {
	return `Nothing is created or changed. An unversioned database is no failure here; a
file that is missing, or is no database, is.

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
			a.say("FastMigrate version: " + version)
		}
		return err
	}
	return a.report("FastMigrate version: "+version+"\n"+text, struct {
		Program  string `json:"program"`
		SQLite   string `json:"sqlite"`
		Database string `json:"database"`
		Version  *int   `json:"version"`
	}{version, core.SQLiteVersion, a.db, number})
}

type backupDB struct {
	Keep int    `placeholder:"N" help:"Remove all but the newest N backups of the database afterwards."`
	To   string `placeholder:"DIR" help:"Directory for the backup, made if needed. Default: beside the database."`
}

func (backupDB) Help() string {
	return `The copy is FILE.YYYYMMDD_HHMMSS.backup beside the database, in local time. It is
consistent, checked and on disk before it has that name, and no more people may
read it than the database. If --db is a symbolic link, FILE is what it leads to.
The file .backups.fastmigrate beside the copy records its database, time and
checksum.

--keep removes a backup only if it is certain that it is of this database, and
older than N others; and none that a running task or run-migrations made.

Examples:

    fastmigrate backup-db --db data/shop.db
    fastmigrate backup-db --to backups --keep 14`
}

func (c backupDB) Run(a *app) error {
	if c.Keep < 0 {
		return usage{fmt.Errorf("--keep=%d: a number of backups cannot be negative", c.Keep)}
	}
	o := a.options
	o.BackupDir, o.Keep = c.To, c.Keep
	b, err := core.BackupDB(a, a.db, o)
	if err != nil {
		return err
	}
	return a.report(a.line("Database backup created: %s", b.Path), b)
}

type runMigrations struct {
	migrationFlags
	DryRun rehearse `short:"n" help:"Apply them to a private copy, and report what they do. --dry-run=scripts runs .py and .sh too."`
}

// migrationFlags are those of what applies migrations.
type migrationFlags struct {
	Create bool `help:"Create the database first, if there is none."`
	To     *int `placeholder:"N" help:"Stop at version N."`
	Backup bool `help:"Make a backup first, and do not migrate if that fails."`
	Atomic bool `help:"Apply all pending migrations or none: one transaction, .sql and .star only."`
	settings
	AllowOutOfOrder bool `help:"Apply also migrations below the database's version that were never applied."`
}

// settings are the flags that the configuration file may give too, for every
// command. Nil: it was not given.
type settings struct {
	Isolated          *bool          `help:"Run .py and .sh migrations on a private copy, which replaces the database's content if they succeed."`
	ScriptTimeout     *time.Duration `placeholder:"TIME" help:"End a .py or .sh migration that takes longer."`
	Python            *string        `env:"FASTMIGRATE_PYTHON" placeholder:"PROGRAM" help:"Runs .py migrations. Default: python of the active virtual environment, else python3."`
	Shell             *string        `env:"FASTMIGRATE_SHELL" placeholder:"PROGRAM" help:"Runs .sh migrations. Default: sh."`
	NoForeignKeyCheck *bool          `help:"Let a migration add rows that violate a foreign key."`
	IgnoreTables      *string        `kong:"-"`
	NoHistory         *bool          `help:"Keep no table _meta_history. Migrations that need it are refused."`
	AllowMissing      *bool          `help:"Let applied migrations have no file any more, and the database be ahead of its migrations."`
}

func (runMigrations) Help() string {
	return `The migrations above the database's version run in order and stop at the first
that fails; those before it stay applied. Several of these commands may run at
once: each migration is applied once.

What is printed as applied stays applied, even after a loss of power: whatever is
committed is synced with its directory (PRAGMA synchronous = EXTRA). If a .sql
sets synchronous itself, that holds until the end of its file, and for this file
nothing is promised.

Examples:

    fastmigrate run-migrations --create --db data/shop.db --migrations migrations
    fastmigrate run-migrations --backup --verbose
    fastmigrate run-migrations --to 12`
}

func (c runMigrations) Run(a *app) error {
	if c.DryRun.on {
		return rehearseDB{migrationFlags: c.migrationFlags, Scripts: c.DryRun.programs}.Run(a)
	}
	r, err := c.apply(a)
	if err != nil {
		return err
	}
	text := a.line("%s is at version %d: nothing is pending", a.db, r.To)
	if n := len(r.Applied); n > 0 {
		text = a.line("%s is at version %d: %s applied", a.db, r.To, count(n, "migration"))
	} else if r.To == 0 {
		text = a.line("%s is at version 0: there are no migrations in %s", a.db, a.dir)
	}
	return a.report(text, struct {
		Database string `json:"database"`
		core.Result
	}{a.db, r})
}

// apply applies the migrations. What a rehearsal did is for its report to say.
func (c migrationFlags) apply(a *app) (r core.Result, err error) {
	if err := a.readable(); err != nil {
		return r, err
	}
	if c.To != nil && *c.To < 1 {
		return r, usage{fmt.Errorf("--to=%d: versions begin with 1", *c.To)}
	}
	o, told := a.options, !a.JSON && a.options.Rehearsal == nil
	o.To, o.Backup, o.Atomic, o.AllowOutOfOrder = set(c.To), c.Backup, c.Atomic, c.AllowOutOfOrder
	o.OnBackup = func(b core.Backup) {
		if told {
			a.say(a.line("Database backup created: %s", b.Path))
		}
	}
	o.OnApplied = func(m core.Applied) {
		if told {
			a.say(m.String())
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
			a.say(a.line(createdText, a.db))
		}
	}
	r, err = core.RunMigrations(a, a.db, os.DirFS(a.dir), o)
	if r.Applied == nil {
		r.Applied = []core.Applied{}
	}
	if err != nil {
		err = &migrationError{error: err, result: r}
	}
	return r, err
}

// readable reports why the migrations cannot be read.
func (a *app) readable() error {
	if err := core.PlainPath(a.dir, a.dir); err != nil {
		return fmt.Errorf("the directory of the migrations: %w", err)
	}
	_, err := os.ReadDir(a.dir)
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return unreadable{fmt.Errorf("the directory of the migrations, %s, cannot be read: %w", a.dir, p.Err)}
	}
	return err
}

// recognised reports a directory in which no file is a migration, before a
// database is made for it.
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

// migrationError is the failure of a run, and what it did before.
type migrationError struct {
	error
	result core.Result
}

func (e *migrationError) Unwrap() error { return e.error }

type enrollDB struct {
	Version  *int `placeholder:"N" help:"The migrations up to N in the directory are the history of the database; write none."`
	NoReplay bool `help:"Believe that they make its schema, instead of trying it on a scratch database. Needs --version."`
	ignored
}

// ignored are the flags of what compares a schema with what migrations make.
type ignored struct {
	IgnoreTable []string `placeholder:"NAME" help:"Leave out this table, which is not the migrations' to make, as those of other migration tools are."`
}

// apply adds the tables to those that the configuration file ignores.
func (i ignored) apply(o *core.Options) {
	o.IgnoreTables = slices.Concat(o.IgnoreTables, i.IgnoreTable)
}

func (enrollDB) Help() string {
	return `Writes 0001-initial.sql, which makes the schema of the database, into the
directory of the migrations, tries it on a scratch database, and gives the
database version 1. Its rows are not in the file, nor are the tables in which
another migration tool keeps its versions. After an interruption, it can be run
again.

Examples:

    fastmigrate enroll-db --db data/shop.db
    fastmigrate enroll-db --db data/shop.db --version 12`
}

func (c enrollDB) Run(a *app) error {
	switch {
	case c.NoReplay && c.Version == nil:
		return usage{errors.New("--no-replay needs --version")}
	case c.Version != nil && *c.Version < 1:
		return usage{fmt.Errorf("--version=%d: versions begin with 1", *c.Version)}
	}
	o := a.options
	o.NoReplay = c.NoReplay
	c.ignored.apply(&o)
	e, err := core.EnrollDB(a, a.db, a.dir, set(c.Version), o)
	if err != nil {
		return err
	}
	text := a.line("%s is at version %d", a.db, e.Version)
	if e.File != "" {
		text = a.line("wrote %s", e.File) + "\n" + text
	}
	return a.report(text, e)
}

type newMigration struct {
	Description []string `arg:"" help:"What it does, in a few words."`
	Type        string   `short:"t" enum:"sql,star,py,sh" default:"sql" help:"Kind of migration: sql, star, py or sh."`
}

func (newMigration) Help() string {
	return `Examples:

    fastmigrate new add phone to users
    fastmigrate new "normalise phone numbers" --type py`
}

func (c newMigration) Run(a *app) error {
	path, err := core.NewMigration(a.dir, strings.Join(c.Description, " "), c.Type)
	switch {
	case errors.Is(err, fs.ErrInvalid):
		return hinted{err, "say what it does, in a few words: " + in(a.dir, "fastmigrate new add phone to users")}
	case errors.As(err, new(*fs.PathError)):
		return hinted{err, "--migrations DIR names another directory"}
	case err != nil:
		return err
	}
	return a.report(a.line("%s", path), struct {
		File string `json:"file"`
	}{path})
}

type resolve struct {
	Completed  bool `xor:"how" required:"" help:"All of it happened: the database gets its version."`
	RolledBack bool `xor:"how" required:"" help:"Nothing of it is left, or it may run again on what is left: the next run begins it anew."`
}

func (resolve) Help() string {
	return `A .py or .sh migration that was killed, or failed after it had changed the
database, is not run again before somebody has looked at what it left.

Example:

    fastmigrate resolve --rolled-back --db data/shop.db`
}

func (c resolve) Run(a *app) error {
	how := core.RolledBack
	if c.Completed {
		how = core.Completed
	}
	v, err := core.Resolve(a, a.db, how, a.options)
	if err != nil {
		return err
	}
	defer a.advise([]string{a.here("fastmigrate run-migrations") + " goes on from there"})
	return a.report(a.line("%s is at version %d", a.db, v), struct {
		Database string `json:"database"`
		Version  int    `json:"version"`
	}{a.db, v})
}

type backups struct {
	From string `placeholder:"DIR" help:"Directory of the backups. Default: beside the database."`
}

func (backups) Help() string {
	return `Every backup of the database is checked as a whole; the newest stands first.
Those of another database of that name are listed too, and named. --json has
each time in UTC if it was recorded, else as the name says it in local time. If
--db is a symbolic link, backups that are named after the link are listed too.

Examples:

    fastmigrate backups --db data/shop.db
    fastmigrate backups --from backups`
}

func (c backups) Run(a *app) error {
	o := a.options
	o.BackupDir = c.From
	list, err := core.Backups(a, a.db, o)
	if err != nil {
		return err
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tVERSION\tBYTES\tSTATE\tPATH")
	for _, f := range list {
		version, state := "-", "whole"
		if f.Version >= 0 {
			version = fmt.Sprint(f.Version)
		}
		if f.Problem != "" {
			state = f.Problem
		} else if f.Unchecked != nil {
			state += " but for what only its application can check (" + strings.Join(f.Unchecked, ", ") + ")"
		}
		switch {
		case f.Foreign:
			state += ", of " + f.Origin
		case f.Unsure:
			state += ", of another file at " + f.Origin
		case f.Origin == "":
			state += ", of an unknown database"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", f.Time.Local().Format(time.DateTime), version, f.Bytes, visible.Line(state), visible.Line(f.Path))
	}
	w.Flush()
	if !slices.ContainsFunc(list, func(f core.BackupFile) bool { return f.Problem == "" }) {
		defer a.advise([]string{a.onDB("fastmigrate backup-db") + " makes one; --from DIR looks in another directory"})
	}
	return a.report(strings.TrimSuffix(b.String(), "\n"), append([]core.BackupFile{}, list...))
}

type restoreDB struct {
	Backup string `arg:"" optional:"" help:"The backup."`
	Latest bool   `help:"Restore the newest backup of the database that is whole."`
	List   bool   `help:"Only list the backups of the database, as the command backups does."`
	From   string `placeholder:"DIR" help:"Directory of the backups, also of the one made of what the database held. Default: beside the database."`
}

func (restoreDB) Help() string {
	return `The backup is checked as a whole. What the database held is kept as another
backup, and is then replaced in one transaction, also while others have it open.

--latest goes by the times that were recorded when the backups were made. If it is
not certain which is the newest, or which are of this database, it lists them and
restores none.

Examples:

    fastmigrate restore-db data/shop.db.20261122_140000.backup --db data/shop.db
    fastmigrate restore-db --latest --db data/shop.db`
}

func (c restoreDB) Run(a *app) error {
	switch {
	case c.Latest && c.List || (c.Latest || c.List) == (c.Backup != ""):
		return usage{errors.New("give either the backup to restore, or --latest, or --list")}
	case c.List:
		return backups{c.From}.Run(a)
	}
	o := a.options
	o.BackupDir = c.From
	r, err := core.RestoreDB(a, c.Backup, a.db, o)
	if err != nil {
		return err
	}
	text := a.line("Database restored from: %s (version: %d)", r.From, r.Version)
	if r.Version < 0 {
		text = a.line("Database restored from: %s (unversioned)", r.From)
	}
	if r.Origin != "" {
		text += "\n" + a.line("It is a backup of %s, where no database is any more.", r.Origin)
	}
	if r.Kept != "" {
		text += "\n" + a.line("What was there is kept as: %s", r.Kept)
	}
	return a.report(text, r)
}

type checkDB struct{}

func (checkDB) Help() string {
	return `It looks at every page, index and constraint, for rows without the parent that a
foreign key wants, at the version and the history, and for a transaction that a
crash left unfinished, and whether there is anything at all: a file of 0 bytes is
no database yet. Nothing is created or changed. The exit status is 1 if
something is wrong; a note is of what may be meant so, or of a table that only
its application can check.

Example:

    fastmigrate check-db --db data/shop.db`
}

func (checkDB) Run(a *app) error {
	r, err := core.CheckDB(a, a.db, a.options)
	if err != nil {
		return err
	}
	var list []string
	for _, part := range r.Checked {
		if !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.HasPrefix(p, part+": ") }) {
			list = append(list, part+": ok")
		}
	}
	list = append(list, r.Problems...)
	for _, n := range r.Notes {
		list = append(list, "note: "+n)
	}
	hints := a.heal(r.Causes)
	if r.Reindex {
		hints = append(hints, a.wayOut(&fault.Reason{Key: fault.IndexOnly})...)
	}
	wrong := found{}
	if !r.OK {
		kind := "failed"
		if len(r.Causes) > 0 {
			kind = a.kind(r.Causes[0])
		} else if slices.ContainsFunc(r.Problems, func(p string) bool { return strings.HasPrefix(p, "integrity: ") }) {
			kind = "damaged"
		}
		wrong = foundWrong(kind, fmt.Sprintf("check %s: found %s", a.db, count(len(r.Problems), "problem")), r.Version, hints)
	}
	err = a.report(strings.Join(lines(list), "\n"), struct {
		Database string `json:"database"`
		core.Report
		Hints []string `json:"hints"`
		found
	}{a.db, r, hints, wrong})
	a.advise(hints)
	return cmp.Or(err, wrong.err())
}

type showSchema struct {
	Output string `xor:"file" placeholder:"FILE" help:"Write it to FILE; - is standard output."`
	Check  string `xor:"file" placeholder:"FILE" help:"Compare it with FILE: the exit status is 1 if they differ."`
	Format string `enum:"sql,dot,mermaid" default:"sql" help:"sql, or a diagram: dot (Graphviz) or mermaid (for Markdown)."`
}

func (showSchema) Help() string {
	return `The same schema gives the same text, in whatever order it was made. Not in it are
the tables of fastmigrate itself. To --check, order, white space and comments do
not matter.

Examples:

    fastmigrate schema --output schema.sql
    fastmigrate schema --check schema.sql --db data/shop.db
    fastmigrate schema --format mermaid`
}

func (c showSchema) Run(a *app) error {
	write, err := a.file("--output", c.Output)
	if err != nil {
		return err
	}
	list, err := core.Schema(a, a.db, a.options)
	if err != nil {
		return err
	}
	draw := map[string]func([]schema.Object) string{"sql": schema.SQL, "dot": schema.DOT, "mermaid": schema.Mermaid}[c.Format]
	switch text := draw(list); {
	case c.Output != "":
		if err := write([]byte(text)); err != nil || !a.JSON {
			return err
		}
		return a.report("", map[string]string{"database": a.db, "file": c.Output})
	case c.Check != "":
		old, err := input.Stream(a, c.Check, input.Schema)
		if errors.Is(err, fs.ErrNotExist) {
			return hinted{err, a.onDB("fastmigrate schema --output "+quote(c.Check)) + " writes it"}
		}
		if errors.As(err, new(*fs.PathError)) {
			return hinted{err, "--check FILE names what schema --output FILE wrote"}
		}
		if err != nil {
			return err
		}
		same, unified := string(old) == text || c.Format == "sql" && schema.SameSQL(string(old), text), ""
		if !same {
			_, unified, _ = strings.Cut(string(diff.Diff(visible.Line(c.Check), old, visible.Line(a.db), []byte(text))), "\n")
		}
		wrong := found{}
		if !same {
			wrong = foundWrong("failed", fmt.Sprintf("the schema of %s is not that of %s", a.db, c.Check), -1, nil)
		}
		if !same || a.JSON {
			err = a.report(visible.Text(strings.TrimSuffix(unified, "\n")), struct {
				Database   string `json:"database"`
				File       string `json:"file"`
				Same       bool   `json:"same"`
				Difference string `json:"difference"`
				found
			}{a.db, c.Check, same, unified, wrong})
		}
		return cmp.Or(err, wrong.err())
	default:
		return a.report(strings.TrimSuffix(text, "\n"), append([]schema.Object{}, list...))
	}
}

type status struct {
	ExitCode     bool  `help:"Exit with 3 if migrations are pending, and with 1 if anything is wrong."`
	AllowMissing *bool `help:"Nothing is wrong with applied migrations that have no file any more, nor with a database that is ahead of its migrations."`
}

func (status) Help() string {
	return `Nothing is created or changed. A migration is

    applied       and its file as it was
    unrecorded    not above the version, but not in the history: another tool
                  applied it, or the history begins later
    pending, running, interrupted
    edited        after it was applied: fastmigrate accept
    missing       applied, and its file is gone
    out-of-order  below the version, and never applied: fastmigrate renumber
    duplicate     one of several with a version: fastmigrate renumber
    misnamed      no migration, though probably meant as one: why is said below

Examples:

    fastmigrate status --db data/shop.db
    fastmigrate status --exit-code --quiet`
}

func (c status) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	s, err := core.Status(a, a.db, os.DirFS(a.dir), a.options)
	if err != nil {
		return err
	}
	problems, errs := []string{}, []problem{}
	for _, p := range s.Problems {
		problems, errs = append(problems, a.sentence(p)), append(errs, a.problem(p))
	}
	warnings := []string{}
	for _, m := range s.Misnamed {
		warnings = append(warnings, filepath.Join(a.dir, m.Name)+": "+m.Why)
	}
	below := problems
	if !slices.ContainsFunc(s.Problems, func(err error) bool { return errors.Is(err, core.ErrNoMigrations) }) { // which says it
		below = slices.Concat(warnings, problems)
	}
	wrong := found{}
	if c.ExitCode && len(errs) > 0 {
		wrong.Error = &errs[0]
	}
	if err := a.report(strings.Join(append([]string{a.table(s)}, lines(below)...), "\n"), struct {
		Database string `json:"database"`
		core.DatabaseStatus
		Warnings []string  `json:"warnings"`
		Problems []string  `json:"problems"`
		Errors   []problem `json:"errors"`
		Hints    []string  `json:"hints"`
		found
	}{a.db, s, warnings, problems, errs, a.afterStatus(s), wrong}); err != nil {
		return err
	}
	a.advise(a.afterStatus(s))
	if wrong.Error == nil && c.ExitCode && s.Pending() {
		return exit(3)
	}
	return wrong.err()
}

type adoptDB struct {
	From     string `required:"" enum:"goose,dbmate,golang-migrate,alembic,user_version" placeholder:"TOOL" help:"goose, dbmate, golang-migrate, alembic, or user_version."`
	Dir      string `arg:"" help:"Directory of the tool's migrations; for alembic, of its alembic.ini."`
	Table    string `placeholder:"NAME" help:"Table that holds the tool's versions. Default: its usual one."`
	DryRun   bool   `short:"n" help:"Prove all, and write nothing."`
	NoReplay bool   `help:"Believe that the migrations that were applied make the schema, instead of trying them on a scratch database."`
	ignored
}

func (adoptDB) Help() string {
	return `Writes the tool's migrations, numbered from 0001, into the directory of the
migrations, proves on a scratch database that those that were applied make the
schema, and only then gives the database its version. The tool's files and its
table stay as they are. Migrations that call what only the application has, such as
SQL functions, cannot be tried here: --no-replay. "user_version" is for numbered files, as 001_users.sql,
whose number is in PRAGMA user_version. Alembic is asked for its SQL.

Examples:

    fastmigrate adopt --from goose db/migrations --db app.db --dry-run
    fastmigrate adopt --from alembic . --db app.db`
}

func (c adoptDB) Run(a *app) error {
	o := a.options
	o.NoReplay = c.NoReplay
	c.ignored.apply(&o)
	r, err := core.Adopt(a, a.db, core.Adoption{From: c.From, Dir: c.Dir, To: a.dir, Table: c.Table, DryRun: c.DryRun}, o)
	if err != nil {
		if e := (*core.Error)(nil); errors.As(err, &e) && e.File != "" {
			a.dir = c.Dir // where the file is that the error is about
		}
		return err
	}
	did := "%s: in %s; %s is at version %d"
	if c.DryRun {
		did = "%s: would be in %s; %s would be at version %d"
	}
	return a.report(r.String()+"\n"+a.line(did, count(len(r.Migrations), "migration"), a.dir, a.db, r.Version), struct {
		Database string `json:"database"`
		core.Adopted
		DryRun bool `json:"dry_run"`
	}{a.db, r, c.DryRun})
}

// table shows how every migration stands.
func (a *app) table(s core.DatabaseStatus) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STATE\tMIGRATION\tAPPLIED\tTIME\tROWS\tHOST")
	for _, m := range s.Migrations {
		applied, took, rows := "-", "-", "-"
		if m.Applied != nil {
			applied = m.Applied.Local().Format(time.DateTime)
		}
		if m.Applied != nil && m.Host != "" && m.State != core.StateRunning && m.State != core.StateInterrupted {
			took = core.Applied{Duration: max(m.Duration, time.Millisecond)}.Took()
		}
		if m.Rows != nil {
			rows = fmt.Sprint(*m.Rows)
		}
		name := visible.Line(m.Name)
		if m.Was != "" {
			name += " (applied as " + visible.Line(m.Was) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.State, name, applied, took, rows, cmp.Or(visible.Line(m.Host), "-"))
	}
	for _, m := range s.Misnamed {
		fmt.Fprintf(w, "misnamed\t%s\t-\t-\t-\t-\n", visible.Line(m.Name))
	}
	w.Flush()
	text := fmt.Sprintf("%s is at version %d\n", visible.Line(a.db), s.Version)
	if !s.Recorded {
		text = fmt.Sprintf("%s is at version %d, and has no history of what was applied\n", visible.Line(a.db), s.Version)
	}
	if s.Unrecorded != "" {
		text += "note: none is kept: " + visible.Line(s.Unrecorded) + "\n"
	}
	if len(s.Migrations)+len(s.Misnamed) == 0 {
		return text + "there are no migrations"
	}
	return text + strings.TrimSuffix(b.String(), "\n")
}

// sentence is what fail would print of an error, in one line.
func (a *app) sentence(err error) string {
	var e *core.Error
	if errors.As(err, &e) && e.File != "" {
		return filepath.Join(a.dir, e.File) + ": " + e.Err.Error()
	}
	if e != nil {
		return a.db + ": " + e.Err.Error()
	}
	return err.Error()
}

type accept struct {
	Version int  `arg:"" placeholder:"NNNN" help:"Of the migration."`
	Yes     bool `short:"y" help:"Do not ask."`
}

func (accept) Help() string {
	return `Shows the difference between what was applied and the file as it is now, and
records the file as what was applied. Nothing is run. Of a script above 1 MiB, or
one applied before the history held texts, the difference cannot be shown.

Examples:

    fastmigrate accept 0003 --db data/shop.db
    fastmigrate accept 0003 --yes`
}

func (c accept) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	e, err := core.Edited(a, a.db, os.DirFS(a.dir), c.Version, a.options)
	if err != nil {
		return err
	}
	difference := a.line("%s was edited; its text as it was applied is not kept", filepath.Join(a.dir, e.Name))
	if e.Kept {
		text := string(diff.Diff(visible.Line(e.Was)+" as applied", []byte(e.Before), visible.Line(e.Name)+" now", []byte(e.Now)))
		_, difference, _ = strings.Cut(strings.TrimSuffix(text, "\n"), "\n") // which names them once more
	}
	if !a.JSON {
		a.say(visible.Text(difference))
	}
	if !c.Yes {
		if yes, err := a.confirm(a, "Accept it as it is now?"); err != nil {
			return err
		} else if !yes {
			return errUnconfirmed
		}
	}
	if err := core.Accept(a, a.db, e, a.options); err != nil {
		return err
	}
	return a.report(a.line("accepted %s", filepath.Join(a.dir, e.Name)), struct {
		Database   string `json:"database"`
		File       string `json:"file"`
		Difference string `json:"difference"`
	}{a.db, e.Name, difference})
}

var errUnconfirmed = errors.New("it was not confirmed, and nothing is changed")

type renumber struct {
	DryRun bool `short:"n" help:"Rename nothing, only tell."`
}

func (renumber) Help() string {
	return `Moves to the end, in their order, the migrations that are below the database's
version and were never applied, and those that have the version of another: of
these the one that was applied stays, or else the first by name. Do it before
others apply them: a database that has applied one knows it by its old number.

Examples:

    fastmigrate renumber --dry-run
    fastmigrate renumber --db data/shop.db`
}

func (c renumber) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	list, err := core.Renumber(a, a.db, a.dir, c.DryRun, a.options)
	var text []string
	for _, r := range list {
		text = append(text, visible.Line(filepath.Join(a.dir, r.From)+" -> "+filepath.Join(a.dir, r.To)))
	}
	if err != nil {
		if len(text) > 0 && !a.JSON {
			a.say(strings.Join(text, "\n"))
		}
		return err
	}
	if len(text) == 0 {
		text = []string{"all migrations are in order"}
	}
	return a.report(strings.Join(text, "\n"), struct {
		Renamed []core.Renamed `json:"renamed"`
		DryRun  bool           `json:"dry_run"`
	}{list, c.DryRun})
}

type wait struct {
	Version *int          `placeholder:"N" help:"To wait for, or one above. Default: that of the last migration in the directory."`
	Timeout time.Duration `default:"60s" placeholder:"TIME" help:"Give up after this time, 0s: look once. Default: 60s."`
}

func (wait) Help() string {
	return `For what must not start before the migrations are applied. It only reads, and a
database that is not there yet is waited for too.

Examples:

    fastmigrate wait --db data/shop.db && exec worker
    fastmigrate wait --version 12 --timeout 5m`
}

func (c wait) Run(a *app) error {
	n := set(c.Version)
	if c.Version == nil {
		if err := a.readable(); err != nil {
			return err
		}
		list, misnamed, err := a.options.Migrations(os.DirFS(a.dir))
		if err == nil && len(list) == 0 {
			err = core.NoMigrations(misnamed)
		}
		if err != nil {
			return fmt.Errorf("which version to wait for, %s does not tell: %w", a.dir, err)
		}
		n = list[len(list)-1].Version
	}
	if n < 1 {
		return usage{fmt.Errorf("--version=%d: versions begin with 1", n)}
	}
	if c.Timeout < 0 {
		return usage{negative("--timeout", c.Timeout)}
	}
	ctx, cancel := context.WithTimeout(a, c.Timeout)
	defer cancel()
	v, err := core.Wait(ctx, a.db, n, a.options)
	if err != nil {
		return err
	}
	return a.report(a.line("%s is at version %d", a.db, v), struct {
		Database string `json:"database"`
		Version  int    `json:"version"`
	}{a.db, v})
}

type drift struct {
	Fix          bool `help:"Write the migration NNNN-drift.sql, which makes the schema of the migrations that of the database."`
	SkipPrograms bool `help:"Do not run .py and .sh migrations. What they change counts as a difference."`
	ignored
}

func (drift) Help() string {
	return `The migrations up to the database's version, programs too, are run on a scratch
database, which stands for it in what programs are handed, as in rehearse
--scripts. Nothing is done to the database, but a path that a program has or makes
by itself still reaches it. The exit status is 1 if its schema differs from what
they make.

--fix records what was done by hand, in the direction of "atlas migrate diff":
the migration changes nothing in this database, and has all others follow. It is
tried before it is written: on the scratch database, and on a private copy of
this one, in which no row may change. Read it: what loses data says so. To undo
instead what was done by hand, write a migration of your own.

The tables in which other migration tools keep their versions are no difference.

Examples:

    fastmigrate drift --db data/shop.db
    fastmigrate drift --fix`
}

func (c drift) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	o := a.options
	o.SkipPrograms = c.SkipPrograms
	c.ignored.apply(&o)
	compare := func() (core.Drifted, error) { return core.Drift(a, a.db, os.DirFS(a.dir), o) }
	if c.Fix {
		compare = func() (core.Drifted, error) { return core.FixDrift(a, a.db, a.dir, o) }
	}
	r, err := compare()
	if err != nil {
		return err
	}
	hints, wrong := a.afterDrift(r), found{}
	if len(r.Differences) > 0 && r.File == "" {
		wrong = foundWrong("failed", fmt.Sprintf("the schema of %s is not that of its migrations", a.db), r.Version, hints)
	}
	err = a.report(r.String(), struct {
		core.Drifted
		Hints []string `json:"hints"`
		found
	}{r, hints, wrong})
	a.advise(hints)
	return cmp.Or(err, wrong.err())
}

type gen struct {
	Rebuild genRebuild `cmd:"" help:"Write the migration that gives a table another definition."`
}

type genRebuild struct {
	Table   string `arg:"" help:"The table."`
	Columns string `placeholder:"DEFINITIONS" help:"What is to stand in the parentheses of its CREATE TABLE. Default: what stands there, to be edited in the file."`
}

func (genRebuild) Help() string {
	return `For what ALTER TABLE cannot do: a constraint, another type, another order of the
columns. The migration makes the table anew, with its rows, indexes and triggers;
views and foreign keys of other tables stay. Nothing is done to the database,
which is read for its schema and has to be at the version of the last migration.

Examples:

    fastmigrate gen rebuild users --db app.db
    fastmigrate gen rebuild users --columns "id INTEGER PRIMARY KEY, name TEXT NOT NULL"`
}

func (c genRebuild) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	path, err := core.NewRebuild(a, a.db, a.dir, c.Table, c.Columns, a.options)
	if err != nil {
		return err
	}
	return a.report(a.line("%s", path), struct {
		File string `json:"file"`
	}{path})
}

// file is what writes a result to the file at path, the value of flag; nil if it is
// empty. It refuses before any work what is not to be replaced. If the file is standard
// output, all else goes to standard error.
func (a *app) file(flag, path string) (write func([]byte) error, err error) {
	switch {
	case path == "":
		return nil, nil
	case output.IsStandard(path) && a.JSON:
		return nil, usage{fmt.Errorf("%s=%s and --json both are standard output", flag, path)}
	case output.IsStandard(path):
		out := a.out
		a.out, a.shown = a.err, a.err
		return func(content []byte) error { _, err := out.Write(content); return err }, nil
	}
	keep := output.Keep{DB: a.db}
	for _, path := range []string{set(a.Config), a.Run.File, os.Getenv("FASTMIGRATE_FILE")} {
		if path != "" {
			keep.Files = append(keep.Files, path)
		}
	}
	f, err := output.Open(path, keep)
	return func(content []byte) error { return unwritten(path, f.Write(a, content)) }, unwritten(path, err)
}

// unwritten adds to an error of writing a result to path what to do.
func unwritten(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hinted{err, "mkdir -p " + quote(dashed(filepath.Dir(path))) + " makes its directory"}
	case errors.Is(err, output.ErrKept), errors.As(err, new(syscall.Errno)):
		return hinted{err, "another name, or - for standard output"}
	}
	return err
}

// exit is an exit status that needs no explanation.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

type runTask struct {
	workflowFile
	DryRun  rehearse      `short:"n" help:"Rehearse: run the task on private copies of the databases, and report. --dry-run=scripts runs .py and .sh migrations too."`
	Yes     bool          `short:"y" help:"Answer every question with yes."`
	Timeout time.Duration `placeholder:"TIME" help:"End the task if it takes longer. Default: as the task says."`
	Task    []string      `arg:"" optional:"" passthrough:"" complete:"task" help:"Name of the task, and its arguments. Default: the task that says so."`
}

func (runTask) Help() string {
	return `The Fastmigratefile is looked for in the working directory and above it. One from
above must belong to you or root, and not every user may be able to change it;
--trust runs it nevertheless. What stands after the name of the task is the
task's: "fastmigrate run TASK --help" shows it.

--db and --migrations before the task are what it uses where it names no path,
and the values of its parameters db and migrations. FASTMIGRATE_DB and the
configuration never replace a path that the file names.

A rehearsal (--dry-run) runs sh() only where the call says that it reads
(reads = True), and then with the real files and databases.

Examples:

    fastmigrate run
    fastmigrate run migrate --db other.db --keep 3
    fastmigrate run --yes --timeout 10m deploy`
}

func (c runTask) Run(a *app) error {
	if c.Timeout < 0 {
		return usage{negative("--timeout", c.Timeout)}
	}
	o := starlark.Options{Timeout: c.Timeout, Confirm: a.confirm}
	if c.Yes {
		o.Confirm = func(context.Context, string) (bool, error) { return true, nil }
	} else if isTerminal(os.Stdin) {
		o.Ask = a.ask
	}
	if c.DryRun.on {
		a.options.Rehearsal = &core.Rehearsal{Programs: c.DryRun.programs}
		defer a.options.Rehearsal.Close()
	}
	o.Given = map[string]string{}
	for _, p := range a.paths {
		if p.flag() {
			o.Given[p.name] = p.value
		}
	}
	file, call, err := c.call(a, o)
	if errors.Is(err, command.ErrHelp) {
		return nil
	}
	if err != nil {
		a.JSON = a.JSON || asksJSON(c.Task) // of a task, which did not take it
		return err
	}
	t := call.Task
	if err := a.heed(file, call); err != nil {
		return err
	}
	if err = file.Run(a, call); err == nil && a.Err() != nil { // while it cleaned up
		err = context.Cause(a)
	}
	switch {
	case c.DryRun.on:
		return a.rehearsed(err, nil)
	case err != nil || !a.JSON:
		return err
	}
	return a.report("", struct {
		Task string `json:"task"`
	}{t.Name})
}

// call reads the arguments of the task.
func (c runTask) call(a *app, o starlark.Options) (*starlark.File, *starlark.Call, error) {
	file, err := c.load(a, o)
	if err != nil {
		return nil, nil, err
	}
	name, args := "", c.Task
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	t, err := file.Task(name)
	if err != nil {
		return nil, nil, usage{err}
	}
	call, err := command.Parse(a, t, args, visible.Results(a.shown))
	if errors.As(err, new(starlark.Usage)) {
		err = usage{ours(t, args, err)}
	}
	return file, call, err
}

// ours adds to an error of the arguments of a task that one of them is a flag of the
// command.
func ours(t *starlark.Task, args []string, err error) error {
	for _, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		if arg == "--" {
			break
		}
		if slices.ContainsFunc(t.Params, func(p starlark.Param) bool { return "--"+p.Name == flag }) {
			continue
		}
		if slices.Contains(strings.Fields("--yes -y --dry-run -n --timeout --file -f --json --quiet -q --verbose -v"), flag) {
			return hinted{err, flag + " stands before the name of the task: fastmigrate run --help shows it"}
		}
	}
	return err
}

// path is the database, or the directory of the migrations, that a flag, a variable
// or the configuration says.
type path struct {
	name, value string // db or migrations
	from        string // --db, FASTMIGRATE_DB, or the name of the file
	told        bool   // nothing more is to be said of it
}

func (p *path) flag() bool { return strings.HasPrefix(p.from, "--") }

// heed sees to it that no path is passed over in silence: a flag is refused that a
// task cannot use, if it touches anything at all, and of the others tells named.
func (a *app) heed(file *starlark.File, call *starlark.Call) error {
	var calls []string
	for _, use := range call.Task.Calls() {
		calls = append(calls, use.Name)
	}
	for _, p := range a.paths {
		p.told = builtins.Usual(call.Task, p.name)
		if p.flag() && !p.told && !call.Task.Takes(p.name) && len(builtins.Effects(calls)) > 0 {
			what := map[string]string{"db": "database", "migrations": "migrations directory"}[p.name]
			return usage{fmt.Errorf("--%[1]s has no effect on the task %[2]s: it has no parameter %[1]s, and never uses the default %[3]s", p.name, call.Task.Name, what)}
		}
		for _, text := range call.Defaults(p.name) {
			if !filepath.IsAbs(text) {
				text = filepath.Join(file.Dir(), text)
			}
			a.named(p.name, text)
		}
	}
	return nil
}

// named says once that a Fastmigratefile names another path than a variable or the
// configuration does. Its own is used.
func (a *app) named(param, used string) {
	for _, p := range a.paths {
		if p.name != param || p.told || p.flag() {
			continue
		}
		p.told = true
		if !samePath(p.value, used) {
			a.log().Log(a, notice, fmt.Sprintf("using %s, which the %s names, not %s (%s)", used, starlark.Name, p.value, p.from))
		}
	}
}

func samePath(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, other)
	}
	a, err = filepath.Abs(a)
	b, err2 = filepath.Abs(b)
	return err == nil && err2 == nil && a == b
}

// rehearse is the flag --dry-run, or --dry-run=scripts.
type rehearse struct{ on, programs bool }

// IsBool lets the flag stand alone.
func (rehearse) IsBool() bool { return true }

// Decode reads its value.
func (r *rehearse) Decode(ctx *kong.DecodeContext) error {
	r.on = true
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	if v := fmt.Sprint(ctx.Scan.Pop().Value); v == "scripts" {
		r.programs = true
	} else if v != "true" {
		return fmt.Errorf("it is --dry-run or --dry-run=scripts, not %q", v)
	}
	return nil
}

// rehearsed reports what a rehearsal did that ended with err, also as a page; nil:
// none is asked for.
func (a *app) rehearsed(err error, page func([]byte) error) error {
	if a.Err() != nil { // who interrupts it does not want to wait for a report
		return err
	}
	list, wrong := a.options.Rehearsal.Report(a, a.options)
	if wrong != nil {
		return errors.Join(err, wrong)
	}
	if len(list) == 0 && err != nil { // it came to nothing
		return err
	}
	if page != nil {
		var b bytes.Buffer
		wrong := rehearsal.Write(&b, list, err, time.Now())
		if wrong == nil {
			wrong = page(b.Bytes())
		}
		if wrong != nil {
			return errors.Join(err, wrong)
		}
	}
	var text []string
	for _, one := range list {
		text = append(text, one.String())
	}
	if len(list) == 0 {
		text = append(text, "rehearsed: no database was touched")
	}
	a.rehearsal = list
	for _, one := range list {
		for _, m := range one.Applied {
			if m.Skipped != nil && err != nil {
				a.hint = "programs were not run, which may be why: --dry-run=scripts, or rehearse --scripts, runs them too"
			}
		}
	}
	if err != nil && a.JSON { // fail reports them with it
		return err
	}
	wrong = a.report(strings.Join(text, "\n"), struct {
		Rehearsed []core.Rehearsed `json:"rehearsed"`
	}{list})
	return errors.Join(err, wrong)
}

type rehearseDB struct {
	migrationFlags
	Scripts bool   `help:"Run .py and .sh migrations too, on the copy. What they do elsewhere is done for real."`
	HTML    string `name:"html" placeholder:"FILE" help:"Write the report to FILE too, as a page for a browser; - is standard output."`
}

func (rehearseDB) Help() string {
	return `The copy is in the system's directory for temporary files, and is removed in the
end. The report tells what each migration did to the schema and the rows and how
long it took, warns of what it loses, checks the database, and says how much disk
it needs. The exit status is that of run-migrations.

With --scripts, programs get the path of the copy, also in FASTMIGRATE_DB and in
other variables that name the database, and a working directory with links to what
is in yours, in which the copy stands in its place. A path that the program has or
makes by itself still reaches the database itself: one that is written into it, or
one beside its own file.

Examples:

    fastmigrate rehearse --db data/shop.db
    fastmigrate rehearse --scripts --html rehearsal.html`
}

func (c rehearseDB) Run(a *app) error {
	page, err := a.file("--html", c.HTML)
	if err != nil {
		return err
	}
	a.options.Rehearsal = &core.Rehearsal{Programs: c.Scripts}
	defer a.options.Rehearsal.Close()
	_, failed := c.apply(a)
	if m := (*migrationError)(nil); a.Err() != nil || failed != nil && !errors.As(failed, &m) {
		return failed
	}
	if errors.Is(failed, core.ErrUnversioned) || errors.Is(failed, core.ErrMeta) { // which is all that a report could say
		return failed
	}
	return a.rehearsed(failed, page)
}

// workflowFile is which Fastmigratefile a command is about.
type workflowFile struct {
	File string `short:"f" env:"FASTMIGRATE_FILE" placeholder:"FILE" help:"The Fastmigratefile. Default: the nearest one, here or above."`
	trustFlag
}

// trustFlag lets run what nobody named.
type trustFlag struct {
	Trust bool `env:"FASTMIGRATE_TRUST" help:"Run a Fastmigratefile found above the working directory even if it belongs to another user, or every user may write it."`
}

// load loads it. What it prints meanwhile is no result.
func (c workflowFile) load(a *app, o starlark.Options) (*starlark.File, error) {
	path := c.File
	if path == "" {
		var err error
		if path, err = starlark.Find("."); errors.Is(err, fs.ErrNotExist) {
			return nil, hinted{absent("there is no " + starlark.Name + " here or above"), "-f FILE names one; its functions are the tasks, and fastmigrate docs lists what they can call"}
		} else if err != nil {
			return nil, err
		}
	}
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, hinted{absent(path + " does not exist"), "without -f and FASTMIGRATE_FILE, the nearest " + starlark.Name + " here or above is used"}
	} else if err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, hinted{fmt.Errorf("%s is no regular file, as a %s is", path, starlark.Name), "-f FILE names the file itself"}
	}
	dir, name := filepath.Split(path)
	root, err := os.OpenRoot(filepath.Clean(dir)) // out of which no link leads
	if err != nil {
		return nil, err
	}
	defer root.Close()
	a.log().Debug("using " + path)
	b := builtins.Options{Core: a.options, Out: a.out, Log: a.err, DB: set(a.DB), Migrations: set(a.Migrations), Named: a.named, Confirm: o.Confirm}
	if a.JSON { // the result is ours
		b.Out = visible.Results(a.err)
	}
	if a.Quiet {
		b.Log = io.Discard
	}
	o.File, o.Dir, o.Predeclared = name, filepath.Clean(dir), builtins.New(b).Predeclared()
	fsys := root.FS()
	if c.File == "" && filepath.Clean(dir) != "." && !c.Trust {
		fsys = starlark.Own(fsys, filepath.Clean(dir))
	}
	file, err := starlark.Load(a, fsys, o)
	if errors.Is(err, starlark.ErrForeign) {
		a.hint = "if you trust who can write it: --trust, before the name of the task, or FASTMIGRATE_TRUST=1"
	}
	return file, err
}

type listTasks struct {
	workflowFile
	All bool `help:"Also the hidden ones."`
}

func (listTasks) Help() string {
	return `Nothing runs: the file only declares them. With --json it tells their parameters,
where they stand, and what they may do: "reads" and "writes" are about databases
and files, "runs" is about programs.

Example:

    fastmigrate tasks --json`
}

func (c listTasks) Run(a *app) error {
	file, err := c.load(a, starlark.Options{})
	if err != nil {
		return err
	}
	type task struct {
		*starlark.Task
		Timeout string            `json:"timeout,omitempty"`
		Effects []builtins.Effect `json:"effects"`
	}
	list := []task{}
	for _, t := range file.Tasks {
		if c.All || !t.Hidden {
			list = append(list, task{t, "", builtins.Effects(t.Uses)})
			if t.Timeout > 0 {
				list[len(list)-1].Timeout = t.Timeout.String()
			}
		}
	}
	return a.report(visible.Text(file.Listing(c.All)), struct {
		File  string `json:"file"`
		Doc   string `json:"doc,omitempty"`
		Tasks []task `json:"tasks"`
	}{filepath.Join(file.Dir(), file.Name), file.Doc, list})
}

type docs struct {
	Name string `arg:"" optional:"" complete:"function" help:"One of them. Default: the list."`
}

func (docs) Help() string {
	return `Example:

    fastmigrate docs run_migrations`
}

func (c docs) Run(a *app) error {
	var names []string
	var text strings.Builder
	var members []string // of what is named, if it has some
	var of []*builtins.Builtin
	all := slices.Concat(builtins.All(), builtins.Modules(), starmigrate.Methods(), startest.Functions())
	for i, b := range all {
		if b.Name == strings.ReplaceAll(c.Name, "-", "_") {
			return a.report(b.Text(), b)
		}
		switch i {
		case 0:
			fmt.Fprintln(&text, "in a Fastmigratefile:")
		case len(builtins.All()):
			fmt.Fprintln(&text, "\nof Starlark:")
		case len(builtins.All()) + len(builtins.Modules()):
			fmt.Fprintln(&text, "\nin a migration in Starlark:")
		case len(all) - len(startest.Functions()):
			fmt.Fprintln(&text, "\nin a test:")
		}
		names = append(names, b.Name)
		summary, _, _ := strings.Cut(b.Doc, "\n")
		line := fmt.Sprintf("  %-22s%s\n", b.Name, summary)
		text.WriteString(line)
		if strings.HasPrefix(b.Name, c.Name+".") {
			members, of = append(members, line), append(of, b)
		}
	}
	if members != nil {
		return a.report(c.Name+" has\n"+strings.TrimSuffix(strings.Join(members, ""), "\n"), of)
	}
	if c.Name == "" {
		return a.report(strings.TrimSpace(text.String()), all)
	}
	if near := starlark.Nearest(c.Name, names); near != "" {
		return usage{fmt.Errorf("there is no function %s, did you mean %s?", c.Name, near)}
	}
	return usage{fmt.Errorf("there is no function %s: fastmigrate docs lists them", c.Name)}
}

type testAll struct {
	Match string `name:"run" short:"r" placeholder:"REGEX" help:"Only the tests whose names match."`
	trustFlag
	All        bool   `help:"Check every migration without any test: on generated rows, and stopped at each statement and run again."`
	From       int    `placeholder:"N" help:"With --all, check only the migrations above version N."`
	NoPrograms bool   `help:"With --all, end before the first .py or .sh migration, which has to run to the end."`
	Parallel   int    `placeholder:"N" help:"How many tests run at once. Default: one for each processor."`
	JUnit      string `name:"junit" placeholder:"FILE" help:"Write the results to FILE too, as JUnit XML; - is standard output."`
}

func (testAll) Help() string {
	return `The functions test_* of the files *_test.star beside the migrations and in the
directory tests run, each in a directory of its own. "fastmigrate docs scratch_db"
shows one. .py and .sh migrations run, on databases of the tests, and are handed
nothing that names the real one; a path that they have or make by themselves still
reaches it. In a test it is always noon of 2000-01-01 to Starlark and SQL; such
programs see the real clock.

Examples:

    fastmigrate test -v
    fastmigrate test --run split --junit results.xml
    fastmigrate test --all --migrations migrations`
}

func (c testAll) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	match, err := regexp.Compile(c.Match)
	if err == nil {
		err = c.misused()
	} else if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		err = fmt.Errorf("--run: %q is no regular expression: %s", c.Match, wrong.Code)
	}
	if err != nil {
		return usage{err}
	}
	a.options.Logger, a.options.Output = nil, nil // of the many databases of tests nobody wants to know
	a.options.Originals = []string{a.db}
	if c.All {
		return c.check(a)
	}
	write, err := a.file("--junit", c.JUnit)
	if err != nil {
		return err
	}
	list, err := startest.Run(a, startest.Options{Core: a.options, DB: set(a.DB), Migrations: a.dir, Run: match, Parallel: c.Parallel, Trust: c.Trust, OnFile: func(list []startest.Result) {
		if !a.JSON && !a.Quiet {
			startest.Write(a.shown, list, a.Verbose, a.show)
		}
	}})
	if err == nil && c.JUnit != "" {
		var text []byte
		if text, err = startest.JUnit(list); err == nil {
			err = write(text)
		}
	}
	if err != nil {
		return err
	}
	type result struct {
		startest.Result
		Errors []problem `json:"errors,omitempty"`
	}
	n, results := 0, []result{}
	for _, r := range list {
		n += min(len(r.Errors), 1)
		results = append(results, result{r, problems(r.Errors)})
	}
	if n == 0 && !a.JSON {
		return nil
	}
	text, wrong := fmt.Sprintf("%d of %s failed", n, count(len(list), "test")), found{}
	if n > 0 {
		wrong = foundWrong("failed", text, -1, nil)
	}
	err = a.report(text, struct {
		Tests  []result `json:"tests"`
		Failed int      `json:"failed"`
		found
	}{results, n, wrong})
	return cmp.Or(err, wrong.err())
}

// misused is the first rule that the flags break.
func (c testAll) misused() error {
	switch {
	case c.Parallel < 0:
		return fmt.Errorf("--parallel=%d: a number of tests cannot be negative", c.Parallel)
	case c.From < 0:
		return fmt.Errorf("--from=%d: a version cannot be negative", c.From)
	case !c.All && c.From > 0:
		return errors.New("--from needs --all")
	case !c.All && c.NoPrograms:
		return errors.New("--no-programs needs --all")
	case c.All && c.Match != "":
		return errors.New("--run and --all can't be used together")
	case c.All && c.JUnit != "":
		return errors.New("--junit and --all can't be used together")
	}
	return nil
}

// check is test --all.
func (c testAll) check(a *app) error {
	o := coretest.Options{Core: a.options, From: c.From, NoPrograms: c.NoPrograms, OnChecked: func(m coretest.Checked) {
		if a.JSON || a.Quiet {
			return
		}
		a.say(m.String())
		for _, p := range m.Problems {
			a.checkedError(p).Write(a.shown, a.show)
		}
	}}
	list, err := coretest.Run(a, os.DirFS(a.dir), o)
	if err != nil {
		return err
	}
	type checked struct {
		coretest.Checked
		Problems []problem `json:"problems"`
	}
	n, results := 0, []checked{}
	for _, m := range list {
		n += len(m.Problems)
		results = append(results, checked{m, a.checked(m.Problems)})
	}
	if n == 0 && !a.JSON {
		return nil
	}
	text, wrong, hints := "found "+count(n, "problem"), found{}, []string{}
	if n > 0 {
		hints = append(hints, "migrations that are applied everywhere already are passed over: "+a.here("fastmigrate test --all --from N"))
		wrong = foundWrong("migration", text, -1, hints)
	}
	err = a.report(text, struct {
		Migrations []checked `json:"migrations"`
		Problems   int       `json:"problems"`
		found
	}{results, n, wrong})
	a.advise(hints)
	return cmp.Or(err, wrong.err())
}

// checkedError is a problem that test --all found, with its place and what to do.
func (a *app) checkedError(p coretest.Problem) *starlark.Error {
	e := &starlark.Error{Message: p.Message, Output: p.Output, Place: &starlark.Frame{File: filepath.Join(a.dir, p.File), Line: p.Line, Column: p.Column, Source: p.Source}}
	if in := (starlark.Errors)(nil); errors.As(p.Err, &in) && len(in[0].Frames) > 0 { // of a migration in Starlark
		e.Locals, e.Hint, e.Place.Width = in[0].Locals, in[0].Hint, in[0].Frames[0].Width
	}
	if errors.Is(p.Err, core.ErrForeignKey) {
		e.Hint = strings.Join(builtins.KeyHints(p.Err, p.File, builtins.LaxKeys), "\n")
	}
	return e
}

type completionScript struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (completionScript) Help() string {
	return `In ~/.bashrc:

    eval "$(fastmigrate completion bash)"

In ~/.zshrc, below compinit:

    eval "$(fastmigrate completion zsh)"

For fish, once:

    fastmigrate completion fish > ~/.config/fish/completions/fastmigrate.fish`
}

func (c completionScript) Run(a *app) error {
	script, err := command.CompletionScript(c.Shell)
	if err != nil {
		return err
	}
	return a.report(strings.TrimSuffix(script, "\n"), struct {
		Shell  string `json:"shell"`
		Script string `json:"script"`
	}{c.Shell, script})
}

// complete prints what the last of words can become. A shell calls it while
// somebody types, hence it says nothing of what is wrong, and soon gives up.
func complete(words []string) {
	time.AfterFunc(time.Second, func() { os.Exit(0) })
	a := &app{Context: context.Background(), grammar: &grammar{}, out: io.Discard, err: io.Discard}
	parser, err := a.parser()
	if err != nil {
		return
	}
	found := command.Complete(parser.Model.Node, words, map[string]command.Source{
		"function": func(map[string]string, []string) (list []command.Candidate) {
			for _, b := range slices.Concat(builtins.All(), builtins.Modules(), starmigrate.Methods(), startest.Functions()) {
				list = append(list, command.Candidate{Word: b.Name, Help: b.Doc})
			}
			return list
		},
		"task": func(flags map[string]string, words []string) []command.Candidate {
			path := cmp.Or(flags["file"], os.Getenv("FASTMIGRATE_FILE"))
			if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") { // which no shell has read yet
				path = home + path[1:]
			}
			file, err := workflowFile{path, trustFlag{os.Getenv("FASTMIGRATE_TRUST") == "1"}}.load(a, starlark.Options{})
			if err != nil {
				return nil
			}
			return command.CompleteTask(file, words)
		},
	})
	for _, c := range found {
		fmt.Println(command.Candidate{Word: visible.Line(c.Word), Help: visible.Line(c.Help)})
	}
}

// confirm asks a question that is answered by yes or no.
func (a *app) confirm(ctx context.Context, question string) (bool, error) {
	if !isTerminal(os.Stdin) {
		return false, &starlark.Error{Kind: "denied", Message: "there is no terminal to ask on: " + question, Hint: "--yes answers yes"}
	}
	answer, err := a.prompt(ctx, visible.Block(question)+" [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// ask asks for a parameter of a task that was not given.
func (a *app) ask(ctx context.Context, p starlark.Param) (string, error) {
	question := p.Name
	if p.Help != "" {
		question += " (" + strings.TrimSuffix(p.Help, ".") + ")"
	}
	return a.prompt(ctx, visible.Line(question)+": ")
}

// prompt reads a line from the terminal, unless ctx is done before.
func (a *app) prompt(ctx context.Context, text string) (string, error) {
	fmt.Fprint(os.Stderr, text) // what is typed ends the line
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(os.Stdin).ReadString('\n')
		read <- line{strings.TrimSpace(text), err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case l := <-read:
		return l.text, l.err
	}
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// configure gives the settings, each from the first that has it: a flag of the
// command, the environment, the configuration file.
func (g *grammar) configure(ctx context.Context, command string) (*settings, error) {
	s := &g.RunMigrations.settings // the environment alone, if it is another command
	if command == "rehearse" {
		s = &g.Rehearse.settings
	}
	s.AllowMissing = cmp.Or(s.AllowMissing, g.Status.AllowMissing)
	file := ".fastmigrate"
	if g.Config != nil {
		file = *g.Config
	}
	data, err := input.Stream(ctx, file, input.Settings)
	if errors.Is(err, fs.ErrNotExist) && g.Config == nil {
		return s, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, hinted{fmt.Errorf("configuration: %w", err), "--config FILE names it; without --config and FASTMIGRATE_CONFIG it is .fastmigrate, which need not be there"}
	}
	return s, config.Read(file, data, []config.Setting{
		{Section: "paths", Key: "db", Set: config.Text(&g.DB)},
		{Section: "paths", Key: "migrations", Set: config.Text(&g.Migrations)},
		{Section: "run", Key: "lock_timeout", Set: config.Duration(&g.LockTimeout)},
		{Section: "run", Key: "foreign_key_check", Set: config.Bool(&s.NoForeignKeyCheck, false)},
		{Section: "run", Key: "history", Set: config.Bool(&s.NoHistory, false)},
		{Section: "run", Key: "allow_missing", Set: config.Bool(&s.AllowMissing, true)},
		{Section: "run", Key: "ignore_tables", Set: config.Text(&s.IgnoreTables)},
		{Section: "scripts", Key: "python", Set: config.Text(&s.Python)},
		{Section: "scripts", Key: "shell", Set: config.Text(&s.Shell)},
		{Section: "scripts", Key: "isolated", Set: config.Bool(&s.Isolated, true)},
		{Section: "scripts", Key: "timeout", Set: config.Duration(&s.ScriptTimeout)},
	})
}

// locate notes the database and the directory of the migrations, and what says
// which they are.
func (a *app) locate(k *kong.Context) {
	a.db, a.dir = "data/database.db", "migrations"
	for _, one := range []struct {
		name     string
		said, to *string
	}{{"db", a.DB, &a.db}, {"migrations", a.Migrations, &a.dir}} {
		if one.said == nil {
			continue
		}
		*one.to = *one.said
		from, variable := cmp.Or(set(a.Config), ".fastmigrate"), "FASTMIGRATE_"+strings.ToUpper(one.name)
		if slices.ContainsFunc(k.Path, func(at *kong.Path) bool { return at.Flag != nil && at.Flag.Name == one.name }) {
			from = "--" + one.name
		} else if os.Getenv(variable) != "" {
			from = variable
		}
		a.paths = append(a.paths, &path{name: one.name, value: *one.said, from: from})
	}
}

// set is what p points to, or the zero value.
func set[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// negative is what is wrong with a time.
func negative(flag string, t time.Duration) error {
	return fmt.Errorf("%s=%v: a time cannot be negative", flag, t)
}

// usage is an error in how the program was called.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func main() {
	args := os.Args[1:]
	// The Python package's commands are programs: a link of that name is one too.
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if command, ok := strings.CutPrefix(name, "fastmigrate_"); ok {
		args = append([]string{command}, args...)
	}
	if slices.Contains(flagsOf(args), "--version") {
		if slices.Contains(flagsOf(args), "--json") {
			fmt.Printf("{\n  \"program\": %q,\n  \"sqlite\": %q\n}\n", version, core.SQLiteVersion)
			return
		}
		fmt.Printf("fastmigrate %s (SQLite %s)\n", version, core.SQLiteVersion)
		return
	}
	if len(args) > 0 && args[0] == command.Hidden {
		complete(args[1:])
		return
	}
	debug.SetMaxStack(maxStack)
	stops := &interrupts{}
	ctx := starlark.WithAgain(stops.listen(), stops.again)
	out := &results{}
	a := &app{Context: ctx, grammar: &grammar{}, out: out, err: os.Stderr}
	if isTerminal(os.Stderr) {
		line := live.On(os.Stderr)
		a.out, a.err = line.Over(out), line
	}
	if a.shown = a.out; isTerminal(os.Stdout) {
		a.out = visible.Results(a.shown)
	}
	status := a.fail(a.run(args))
	if status == 0 && out.err != nil {
		status = a.fail(fmt.Errorf("it is done, but what it printed is lost: %w", out.err))
	}
	if i := (interruption{}); status != 0 && errors.As(context.Cause(ctx), &i) {
		status = i.status()
	}
	os.Exit(status)
}

// maxStack is what a value may need that is nested millions deep, to be the key of
// a dict.
const maxStack = min(math.MaxInt, 8<<30)

// flagsOf gives the flags that stand before the command.
func flagsOf(args []string) []string {
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if i < 0 {
		i = len(args)
	}
	return args[:i]
}

func (a *app) run(args []string) error {
	given := slices.Clone(args)
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "FASTMIGRATE_") {
			continue
		}
		if value == "" { // as good as none
			os.Unsetenv(name)
		}
		given = append(given, value)
	}
	for _, v := range given {
		if a.JSON = asksJSON(args); !utf8.ValidString(v) { // which would be read as another name
			return usage{fmt.Errorf("%q is not UTF-8", v)}
		}
	}
	parser, err := a.parser()
	if err != nil {
		return err
	}
	if i := slices.Index(args, "test"); i >= 0 && i == len(flagsOf(args)) { // as go test has it
		args = slices.Clone(args)
		for j, arg := range args[i:] {
			if arg == "-run" || strings.HasPrefix(arg, "-run=") {
				args[i+j] = "-" + arg
			}
		}
	}
	k, err := parser.Parse(args)
	if err != nil {
		a.JSON = asksJSON(args)
		if p := (*kong.ParseError)(nil); errors.As(err, &p) {
			a.command = commandOf(p.Context)
		}
		return usage{command.Plain(err)}
	}
	if a.Completion.Shell != "" { // a shell that starts is anywhere, and has no use for the configuration there
		return k.Run(a)
	}
	if a.Config != nil && *a.Config == "" {
		return usage{errors.New("--config is empty")}
	}
	s, err := a.configure(a, k.Command())
	if err != nil {
		return err
	}
	a.command = commandOf(k)
	a.locate(k)
	switch t := set(a.LockTimeout); {
	case a.db == "":
		return usage{errors.New("--db is empty")}
	case a.dir == "":
		return usage{errors.New("--migrations is empty")}
	case t < 0:
		return usage{negative("--lock-timeout", t)}
	case set(s.ScriptTimeout) < 0:
		return usage{negative("--script-timeout", *s.ScriptTimeout)}
	case a.LockTimeout != nil && t == 0:
		a.LockTimeout = new(time.Duration(-1))
	}
	a.options = core.Options{Logger: a.log(), Tool: "fastmigrate " + version, LockTimeout: set(a.LockTimeout),
		Isolated: set(s.Isolated), ScriptTimeout: set(s.ScriptTimeout), Python: set(s.Python), Shell: set(s.Shell),
		NoForeignKeyCheck: set(s.NoForeignKeyCheck), NoHistory: set(s.NoHistory), AllowMissing: set(s.AllowMissing),
		IgnoreTables: strings.FieldsFunc(set(s.IgnoreTables), func(r rune) bool { return r == ',' || r == ' ' })}
	if a.Verbose {
		a.options.Output = visible.Programs(a.err)
	}
	a.options.Runners = map[string]core.Runner{"star": starmigrate.Runner(starmigrate.Options{Out: visible.Results(a.err), Log: a.err})}
	a.options.OnProgress = a.progress()
	return k.Run(a)
}

// commandOf is the name of the command, as far as it was read.
func commandOf(k *kong.Context) string {
	name, _, _ := strings.Cut(k.Command(), " <")
	return name
}

// progress gives what shows how far a long operation is: on a terminal in a line
// that changes, elsewhere in the log.
func (a *app) progress() func(core.Progress) {
	line, terminal := a.err.(*live.Line)
	switch {
	case a.Quiet:
		return nil
	case terminal && !a.JSON:
		return func(p core.Progress) { line.Show(p.String()) }
	}
	say := live.Every(10*time.Second, func(text string) { a.log().Log(a, notice, text) })
	return func(p core.Progress) { say(p.String()) }
}

// parser reads a command line into the grammar.
func (a *app) parser() (*kong.Kong, error) {
	return kong.New(a.grammar, kong.Writers(a.out, a.err), kong.Name("fastmigrate"), kong.Description(description), command.Values(10), // 0012 is twelve, not octal

		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
}

// tell prints a line that is no result.
func (a *app) tell(text string) { fmt.Fprintln(a.err, visible.Message(text)) }

// line is a line of a result: on a terminal all that is in it is in that line, to
// others it is exact.
func (a *app) line(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if a.shown != a.out {
		text = visible.Line(text)
	}
	return text
}

// lines makes each text a line of a report, which is always for people.
func lines(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, visible.Line(text))
	}
	return list
}

// joined gives the errors that err joins, or err.
func joined(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		return list.Unwrap()
	}
	return []error{err}
}

// say prints a line of the result.
func (a *app) say(text string) {
	if !a.Quiet {
		fmt.Fprintln(a.out, text)
	}
}

// report prints the result of a command: the text, or with --json the data.
func (a *app) report(text string, data any) error {
	if !a.JSON {
		a.say(text)
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(data); err != nil {
		return err
	}
	_, err := a.out.Write(visible.JSON(b.Bytes()))
	return err
}

// fail reports an error, if there is one, and gives the exit status.
//
// The rules of everything printed here: results go to stdout, all else to
// stderr; in lower case, without a period at the end. A hint is a guess at what
// to do next, and holds a command to type.
func (a *app) fail(err error) int {
	if err == nil {
		return 0
	}
	var status exit
	if errors.As(err, &status) {
		return int(status)
	}
	for _, e := range tasksErrors(err) {
		if e.Hint == "" {
			e.Hint = strings.Join(a.wayOut(e.Err), "\n")
		}
		if e.Stack != "" && !a.Verbose {
			e.Hint = "this is a fault of fastmigrate; with -v it says more, which is worth a report"
		}
	}
	if a.JSON {
		a.report("", a.failure(err))
	}
	code, m, failed := 1, (*migrationError)(nil), starlark.Errors(nil)
	switch u := (usage{}); {
	case errors.As(err, &u):
		a.tell("fastmigrate: " + u.Error())
		code = 2
	case !errors.As(err, &m) && errors.As(err, &failed):
		return a.failTask(failed)
	default:
		e := a.cause(err)
		a.explain(err, e)
		if state := a.state(e, m); state != "" {
			a.tell(state)
		}
	}
	a.tellHints(a.next(err))
	return code
}

// tasksErrors are those of a Fastmigratefile that err holds.
func tasksErrors(err error) (failed starlark.Errors) {
	errors.As(err, &failed)
	return failed
}

// cause is what core knows of an error.
func (a *app) cause(err error) *core.Error {
	e := &core.Error{Version: -1, Err: err}
	errors.As(err, &e)
	return e
}

func (a *app) tellHints(hints []string) {
	for _, h := range hints {
		a.tell("hint: " + h)
	}
}

// failTask is fail for what went wrong in a Fastmigratefile.
func (a *app) failTask(failed starlark.Errors) int {
	for _, e := range failed {
		e.Write(a.err, a.show)
		if e.Stack != "" && a.Verbose {
			fmt.Fprintln(a.err, visible.Text(e.Stack))
		}
	}
	a.tellHints(a.last())
	return 1
}

// interrupted reports whether err is what a signal to this program led to.
func (a *app) interrupted(err error) bool {
	return a.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(a)))
}

// explain prints what went wrong, and where.
func (a *app) explain(err error, e *core.Error) {
	if e.File == "" {
		if a.interrupted(err) {
			err = errors.New("interrupted")
		}
		for _, one := range joined(err) {
			a.tell("fastmigrate: " + one.Error())
		}
		if e.Source != "" { // of a migration that is not in a file yet
			a.tell("  " + e.Source)
		}
		return
	}
	what := a.described(err, e)
	what.Message = visible.Message(what.Message)
	what.Write(a.err, a.show)
}

// described is the error with its place, if that is in a migration, and the way there.
func (a *app) described(err error, e *core.Error) starlark.Error {
	what := starlark.Error{Message: e.Err.Error()}
	if a.interrupted(err) {
		what.Message = "interrupted"
	}
	if e.File == "" {
		return what
	}
	what.Output, what.Shown = e.Output, e.Shown
	what.Place = &starlark.Frame{File: filepath.Join(a.dir, e.File), Line: e.Line, Column: e.Column, Source: e.Source}
	if in := (starlark.Errors)(nil); errors.As(err, &in) && len(in[0].Frames) > 0 {
		if !a.interrupted(err) {
			what.Message = in[0].Error() // which may be several lines
		}
		what.Locals, what.Place.Width, what.Frames = in[0].Locals, in[0].Frames[0].Width, slices.Clone(in[0].Frames[1:]) // its hint is the last line
		for i := range what.Frames {
			what.Frames[i].File = filepath.Join(a.dir, what.Frames[i].File)
		}
	}
	return what
}

// state says in one sentence how the database stands.
func (a *app) state(e *core.Error, m *migrationError) string {
	switch {
	case m == nil, e.Version < 0 && e.File == "":
		return ""
	case e.Version < 0:
		return fmt.Sprintf("the version of %s cannot be read now", a.db)
	}
	if a.options.Rehearsal != nil {
		return fmt.Sprintf("%s was not touched; its copy came to version %d", a.db, e.Version)
	}
	if e.Kept > 0 {
		return fmt.Sprintf("%s is at version %d; %s stays applied up to line %d, and the next run goes on from there", a.db, e.Version, e.File, e.Kept)
	}
	if e.Done > 0 {
		return fmt.Sprintf("%s is at version %d; %s has changed %s so far, and the next run goes on from there", a.db, e.Version, e.File, count(int(e.Done), "row"))
	}
	switch n := m.result.Applied; len(n) {
	case 0:
		if e.Version != m.result.From {
			return fmt.Sprintf("%s is at version %d now; it was at version %d before", a.db, e.Version, m.result.From)
		}
		return fmt.Sprintf("%s is at version %d, as before", a.db, e.Version)
	case 1:
		return fmt.Sprintf("%s is at version %d; %04d stays applied", a.db, e.Version, n[0].Version)
	default:
		return fmt.Sprintf("%s is at version %d; %04d to %04d stay applied", a.db, e.Version, n[0].Version, n[len(n)-1].Version)
	}
}

// hints guesses what to do next.
func (a *app) hints(err error, e *core.Error) []string {
	on := a.onDB
	is := func(target error) bool { return errors.Is(err, target) }
	if own := (*starlark.Error)(nil); errors.As(err, &own) && own.Hint != "" {
		return own.Hints()
	}
	out := a.wayOut(err)
	if out != nil && !is(core.ErrInterrupted) && !is(core.ErrForeignKey) && !is(fault.ErrAbsent) {
		return out
	}
	switch {
	case errors.As(err, new(unreadable)) && is(fs.ErrNotExist):
		return []string{in(a.dir, "fastmigrate new DESCRIPTION") + " makes it, with the first migration; is --migrations right?"}
	case is(fault.ErrPartly) && e.Op != "migrate":
		return []string{a.here("fastmigrate run-migrations") + " goes on after that part"}
	case is(fault.ErrInTheWay):
		h := []string{"if it may go, remove it; then the next run makes it"}
		if e.Kept > 0 || is(core.ErrInterrupted) {
			h = append(h, "or, if all of "+e.File+" happened: "+on("fastmigrate resolve --completed"))
		}
		return h
	case is(core.ErrInterrupted):
		h := append(out,
			"look at what it left; then, if all of it happened: "+on("fastmigrate resolve --completed"),
			"or, if it may run again from its start: "+on("fastmigrate resolve --rolled-back"))
		if is(fault.ErrElsewhere) {
			h = append([]string{"first make sure, where it was started, that it has ended: no command can look there"}, h...)
		}
		return h
	case is(fault.ErrUnfinished):
		return []string{on("fastmigrate backup-db") + " undoes it first, as every command that writes does"}
	case is(core.ErrNoMigrations):
		return a.nameHints()
	case is(fault.ErrEmpty) && e.Op == "migrate":
		return []string{a.here("fastmigrate run-migrations --create") + " makes a database of it, and migrates it"}
	case is(fault.ErrEmpty):
		return []string{on("fastmigrate create-db") + " makes a database of it"}
	case is(core.ErrUnversioned):
		return []string{a.enrollHint()}
	case is(core.ErrVersioned) && !exists(a.dir):
		return []string{"is --migrations right? it names the directory with its migrations"}
	case is(core.ErrVersioned):
		return []string{a.here("fastmigrate status") + " shows how its migrations stand"}
	case is(fault.ErrPending):
		return []string{a.pendingHint()}
	case is(fault.ErrOtherTool):
		return []string{"--table NAME names it"}
	case e.Op == "adopt" && is(fault.ErrAbsent):
		return []string{"if the application defines it: adopt --no-replay believes that the migrations make the schema"}
	case e.Op == "enroll" && e.File != "0001-initial.sql" && is(fault.ErrAbsent):
		return []string{"if the application defines it: enroll-db --version N --no-replay believes that the migrations make the schema"}
	case e.Op == "adopt" && is(core.ErrRefused):
		return []string{"without its migrations, from the schema alone: " + on("fastmigrate enroll-db")}
	case e.Op == "adopt" && is(fs.ErrExist):
		return []string{"--migrations names another directory, made if needed"}
	case is(fault.ErrTaken):
		return []string{takenHint + ": sqlite3 " + quote(a.db) + " 'ALTER TABLE _meta RENAME TO app_meta'"}
	case is(fault.ErrUnrecorded):
		return []string{"programs can be --isolated; else nothing may do without a history: neither --no-history, nor history = no, nor a table _meta_history of the application's own, which has to have another name"}
	case is(fault.ErrHistory):
		return []string{"if an application made it, --no-history does without; programs that are not isolated, and .sql in steps, are refused then"}
	case is(fault.ErrRecord):
		return []string{"look at it: sqlite3 " + quote(a.db) + " 'SELECT * FROM _meta_history'; or restore a backup, as " + on("fastmigrate backups") + " shows them"}
	case is(core.ErrBusy):
		return []string{"--lock-timeout 5m waits longer"}
	case is(core.ErrForeignKey):
		h := builtins.KeyHints(err, e.File, "--no-foreign-key-check")
		copy(h, out) // which knows the columns
		if together := slices.Contains([]string{".sql", ".star"}, filepath.Ext(e.File)); together && !a.RunMigrations.Atomic && !a.Rehearse.Atomic {
			h = slices.Insert(h, 1, "if a later migration repairs it: "+a.here("fastmigrate run-migrations --atomic")+" checks once, at the end of all")
		}
		return h
	case is(syscall.ENOTDIR) && slices.Contains([]string{"restore", "list"}, e.Op), is(fs.ErrNotExist) && (slices.Contains([]string{"restore", "list", "resolve"}, e.Op) || a.command == "accept" || is(fault.ErrNoDatabase)):
		return a.absenceHints(err, e)
	case errors.As(err, new(unreadable)):
		return []string{"is --migrations right? it names a directory that can be read"}
	case e.Op == "adopt" && (is(fs.ErrNotExist) || is(syscall.ENOTDIR)):
		return []string{"is DIR right? it is where " + a.Adopt.From + " has its migrations: " + a.here("fastmigrate adopt --from "+a.Adopt.From+" DIR")}
	case is(fault.ErrBackwards):
		return []string{on("fastmigrate backups") + " shows what restore-db can go back to"}
	case is(fault.ErrNoVersion) && e.Op != "enroll":
		return []string{a.here("fastmigrate status") + " shows which there are"}
	case e.Op == "enroll" && e.File == "" && is(fs.ErrNotExist):
		return []string{"ls " + quote(dashed(a.dir)) + " shows which there are"}
	case e.Op == "enroll" && is(syscall.ENOTDIR):
		return []string{"is --migrations right? it names a directory, made if needed"}
	case e.Op == "create" && errors.As(err, new(*fs.PathError)):
		return []string{"is --db right? the directory of the database cannot be made there"}
	case is(fs.ErrNotExist) && a.command == "gen rebuild" && !is(fault.ErrNoDatabase):
		return []string{on("fastmigrate schema") + " shows which there are"}
	case is(fault.ErrApart):
		return []string{"without --atomic each is applied by itself: " + a.here("fastmigrate run-migrations")}
	case a.command == "backup-db" && errors.As(err, new(*fs.PathError)):
		return []string{"--to DIR makes it in another directory, made if needed"}
	case is(startest.ErrNoTests):
		return []string{in(a.dir, "fastmigrate test --all") + " checks every migration without any test; fastmigrate docs scratch_db shows how a test is written"}
	case e.Op == "wait for" && is(context.DeadlineExceeded):
		return []string{a.pendingHint(), "--timeout TIME waits longer"}
	case is(core.ErrNotDatabase) && (e.Op != "restore" || !isRegular(e.Path)):
		return a.notDatabase(e.Path)
	case e.Op == "restore" && (is(core.ErrCorrupt) || is(core.ErrNotDatabase)):
		return []string{on("fastmigrate backups") + " shows what backups there are"}
	case e.Op == "restore" && is(fault.ErrUncertain):
		return []string{"restore the one that is meant: " + on("fastmigrate restore-db BACKUP")}
	case e.Op == "restore" && is(fault.ErrPageSize):
		return []string{"when nobody has it open: sqlite3 " + quote(a.db) + " 'PRAGMA journal_mode = DELETE'; then again"}
	case is(fault.ErrDuplicate) && e.Op == "renumber":
		return []string{"rename the one that was not applied"}
	case is(fault.ErrDuplicate), is(fault.ErrOutOfOrder):
		h := []string{a.here("fastmigrate renumber") + " gives what comes too late the next free number"}
		if is(fault.ErrOutOfOrder) {
			h = append(h, "or apply what is out of order as it is: "+a.here("fastmigrate run-migrations --allow-out-of-order"))
		}
		return h
	case is(fault.ErrEdited) && e.File != "":
		return []string{"put it back as it was, or look at what changed: " + a.here("fastmigrate accept "+e.File[:4])}
	case is(fault.ErrEdited):
		return []string{"put them back as they were, or accept them one by one, as " + a.here("fastmigrate status") + " shows them"}
	case e.Op == "compare" && is(core.ErrRefused) && (strings.HasSuffix(e.File, ".py") || strings.HasSuffix(e.File, ".sh")):
		return []string{a.here("fastmigrate drift --skip-programs") + " compares without the programs"}
	case slices.Contains([]string{"compare", "fix", "rebuild"}, e.Op) && (is(fault.ErrMissing) || is(fault.ErrAhead)):
		return []string{"is --migrations right, and of the newest release? " + a.here("fastmigrate status") + " shows how the files stand"}
	case is(fault.ErrMissing):
		return []string{"is --migrations right? what is meant to be gone is passed over: " + a.here("fastmigrate run-migrations --allow-missing")}
	case is(fault.ErrAhead):
		return []string{"is --migrations right, and of the newest release? if it is meant to be old: " + a.here("fastmigrate run-migrations --allow-missing")}
	case is(errUnconfirmed):
		return []string{"--yes confirms it"}
	case is(core.ErrCorrupt):
		return []string{on("fastmigrate backups") + " shows what restore-db can put in its place; https://sqlite.org/recovery.html saves what can be read"}
	case is(core.ErrNotDatabase):
		return []string{"is --db right? it names the file of an SQLite database"}
	case is(fault.ErrAbsent) && e.Op == "enroll" && e.File == "0001-initial.sql":
		return []string{"only the application can make this: have a .py migration do it, and believe that it does: " + a.here("fastmigrate enroll-db --version N --no-replay")}
	case is(fs.ErrExist) && e.Op == "enroll":
		return []string{"if they are the history of this database: " + a.here("fastmigrate enroll-db --version N") + ", N being the last that it has"}
	case is(fault.ErrExists) && e.Line > 0, is(fault.ErrColumn) && addition.MatchString(e.Source):
		return []string{"the database has this already: was it changed without a migration?"}
	}
	return nil
}

// waysOut are what helps where the reason is known, of which {name} and {detail}
// are. Each line is a hint.
var waysOut = map[fault.Key]string{
	fault.AddedDefault: "add it without the default, and fill it: ALTER TABLE {name} ADD COLUMN ...; UPDATE {name} SET ... = CURRENT_TIMESTAMP;\n" +
		"to keep the default for new rows, {rebuild}",
	fault.AddedNotNull:    "the rows that are there need a value: add DEFAULT and a constant, as in NOT NULL DEFAULT ''\nif there is none, {rebuild}",
	fault.AddedUnique:     "add it without UNIQUE, and then: CREATE UNIQUE INDEX ... ON {name}({detail});",
	fault.AddedPrimaryKey: "only a new table has another primary key: {rebuild}",
	fault.AddedStored:     "a VIRTUAL column can be added; for one that is STORED, {rebuild}",
	fault.AddedReference:  "add it without the default, and then fill it by UPDATE",
	fault.AddedSeveral:    "SQLite changes one thing in each ALTER TABLE: write a statement for each",
	fault.AddedIndex:      "SQLite adds it as an index: CREATE UNIQUE INDEX ... ON {name}(...); without UNIQUE if rows may be the same",
	fault.RowsViolate:     "there are rows that violate it: UPDATE {name} first; a column that is added needs a default that fulfils its CHECK",
	fault.IfExists:        "leave IF EXISTS and IF NOT EXISTS out: a migration runs once, so that it knows what is there",
	fault.NeedsRebuild:    "for this, SQLite needs a new table: {rebuild}",
	fault.DroppedUsed:     "DROP {detail}; before this statement, and make it again after it, without the column",
	fault.Broken: "RENAME looks at everything that uses the table: DROP {detail}; before it, and make it again at the end; " +
		"or begin the file with PRAGMA legacy_alter_table = ON; as in a rebuild",
	fault.BrokenBefore: "it was broken before this migration, and ALTER TABLE looks at everything: mend it, or DROP {detail}; before this statement",

	fault.AbsentIn: "ALTER TABLE looks at everything, and only the application has {name}: let the application make this change, " +
		"or DROP {detail}; before this statement, and let the application make it again",

	fault.ShellFunction: "only the sqlite3 program has it: a .star migration makes its own by db.create_function, and a .sh migration can call sqlite3",
	fault.UnknownFunction: "SQLite has none of this name, perhaps the application adds it: a .star migration makes its own by db.create_function\n" +
		"https://sqlite.org/lang_corefunc.html lists those there are",
	fault.LoadExtension:  "extensions cannot be loaded here: what needs one, a .sh migration does by sqlite3, or the application",
	fault.BeginAlone:     "leave BEGIN out, as there is a transaction around all statements; or end with COMMIT;",
	fault.CommitAlone:    "leave it out, as there is a transaction around all statements; or write BEGIN; where that begins",
	fault.KeysSet:        "leave it out: foreign keys are enforced here, but never for DROP TABLE, ALTER TABLE or a rebuild",
	fault.NotInOne:       "a .sql migration may have it; elsewhere, sh([\"sqlite3\", path, statement]) runs it",
	fault.OwnTransaction: "leave it out: the migration is one transaction, which begins and ends by itself",
	fault.OnlySQL:        "a .sql migration may have it",
	fault.NoSchema:       "a database of SQLite has one schema: leave {name}. out",
	fault.IntegerKey:     "write INTEGER for its type, as in id INTEGER PRIMARY KEY, which numbers rows also without AUTOINCREMENT",
	fault.Collation:      "SQLite has BINARY, NOCASE and RTRIM: what only the application has, cannot be used here",
	fault.Module:         "what only the application has, cannot be used here: let the application make this table",
	fault.NotUnique:      "delete or change what is there twice, before this statement",
	fault.IsNull:         "give {detail} a value where it would be NULL, as by coalesce(..., '')",

	fault.OtherEngine: "write the path of a file or directory that is here",
	fault.InMemory:    "write the path of a file, such as app.db; to try migrations out, fastmigrate rehearse and fastmigrate test work on copies",

	fault.OtherShell:  "it is written for {name}: --shell {name}, or shell = {name} under [scripts] in .fastmigrate, runs .sh migrations by it",
	fault.CarriageEnd: "its lines end in CRLF, which a shell takes for a part of its words: sed -i 's/\\r$//' {file}; *.sh text eol=lf in .gitattributes keeps it so",
	fault.IndexOnly:   "only an index is out of step, the rows are whole: sqlite3 {db} 'REINDEX;', or a migration with REINDEX; makes it again from them",
	fault.Encrypted:   "if it is encrypted, as by SQLCipher, this program has no key for it: decrypt it first, with the program that made it",
	fault.Compressed:  "it is compressed: {name} {db}",
	fault.Dump:        "it is a text with SQL: sqlite3 NEW.db < {db} makes a database of it",
	fault.TakenView:   takenHint + "\na view cannot be renamed: sqlite3 {db} '.schema _meta' shows how it is made; DROP VIEW _meta; and make it so with another name",
	fault.TakenAbsent: takenHint + "\nonly the application can rename it, as the schema needs its {detail} {name}: ALTER TABLE _meta RENAME TO app_meta",
	fault.OtherName: "use that name: --db {other}\n" +
		"or, when no program has it open: sqlite3 {other} 'SELECT count(*) FROM sqlite_master' takes it into the file; then keep one of the names",
}

const takenHint = "if the application made it, it has to have another name, there and in the database, as no setting moves the version table"

// equivalents are what SQLite has for functions of other databases.
var equivalents = map[string]string{
	"now": "datetime('now')", "getdate": "datetime('now')", "sysdate": "datetime('now')", "curdate": "CURRENT_DATE", "curtime": "CURRENT_TIME",
	"uuid": "lower(hex(randomblob(16)))", "gen_random_uuid": "lower(hex(randomblob(16)))", "newid": "lower(hex(randomblob(16)))",
	"left": "substr(x, 1, n)", "right": "substr(x, -n)", "len": "length(x)", "char_length": "length(x)", "ucase": "upper(x)", "lcase": "lower(x)",
	"nvl": "ifnull(x, y)", "isnull": "ifnull(x, y)", "greatest": "max(x, y)", "least": "min(x, y)", "rand": "random()",
	"date_format": "strftime(format, x)", "to_char": "strftime(format, x)", "to_timestamp": "datetime(x, 'unixepoch')", "from_unixtime": "datetime(x, 'unixepoch')",
	"unix_timestamp": "unixepoch()", "locate": "instr(x, y)", "strpos": "instr(x, y)", "charindex": "instr(x, y)", "array_agg": "json_group_array(x)",
	"nextval": "INTEGER PRIMARY KEY, which numbers rows by itself", "last_insert_id": "last_insert_rowid()",
}

// wayOut is what helps, if it is known why err is. Nil: it is not.
func (a *app) wayOut(err error) []string {
	var why *fault.Reason
	if !errors.As(err, &why) {
		return nil
	}
	var at *core.Error
	file := ""
	if errors.As(err, &at) {
		file = filepath.Join(a.dir, at.File)
	}
	switch equivalent := equivalents[strings.ToLower(why.Name)]; {
	case why.Key == fault.UnknownFunction && equivalent != "":
		return []string{"SQLite has " + equivalent + " instead"}
	case why.Key == fault.KeyMismatch && why.Detail == "":
		return []string{"it names no column, and " + why.Name + " has no primary key of as many: REFERENCES " + why.Name + "(...) names them"}
	case why.Key == fault.KeyMismatch:
		return []string{"what it refers to has to be a primary key or unique by the end of the migration, as by CREATE UNIQUE INDEX ... ON " +
			why.Name + "(" + why.Detail + ")"}
	case why.Key == fault.URL && why.Detail != "":
		return []string{"write " + quote(why.Name) + ", or " + quote(why.Detail) + " if it is meant from the root on"}
	case why.Key == fault.URL:
		return []string{"write " + quote(why.Name)}
	case why.Key == fault.Syntax:
		if _, hint := dialect(why); hint != "" {
			return []string{hint}
		}
		return nil
	case why.Key == fault.FormerTool:
		return a.formerTool(why)
	case at != nil && at.Op == "restore" && slices.Contains([]fault.Key{fault.IndexOnly, fault.Compressed, fault.Dump}, why.Key): // of the backup
		return nil
	}
	rebuild := a.here("fastmigrate gen rebuild " + quote(why.Name))
	if at != nil && at.File != "" { // until it is out of the way, it is pending
		rebuild = "take this statement out, or the file away, and once nothing is pending: " + rebuild
	}
	detail := sqlName(why.Detail)
	if kind, name, ok := strings.Cut(why.Detail, " "); ok && slices.Contains([]fault.Key{fault.DroppedUsed, fault.Broken, fault.BrokenBefore, fault.AbsentIn}, why.Key) {
		detail = strings.ToUpper(kind) + " " + sqlName(name)
	}
	text := strings.NewReplacer("{name}", sqlName(why.Name), "{detail}", detail, "{rebuild}", rebuild, "{file}", quote(file), "{db}", quote(a.db), "{other}", quote(dashed(why.Name))).Replace(waysOut[why.Key])
	return strings.Split(text, "\n")
}

// sqlName is a name as SQL has it.
func sqlName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// formerTool is how a database comes over that another tool migrated.
func (a *app) formerTool(why *fault.Reason) []string {
	enroll := a.here("fastmigrate enroll-db")
	if !slices.Contains([]string{"goose", "dbmate", "golang-migrate", "alembic"}, why.Name) {
		return []string{enroll + " makes what is there the first migration, and leaves " + why.Name + " its table"}
	}
	return []string{"with its migrations: " + a.here("fastmigrate adopt --from "+why.Name+" DIR") + ", DIR being where " + why.Name + " has them",
		"without them: " + enroll}
}

// addition is a line that adds a column, and does not define a table.
var addition = regexp.MustCompile(`(?i)\badd\b`)

// nameHints guesses what to do with files that are no migrations: rename them,
// or take over those of a tool that adopt knows.
func (a *app) nameHints() []string {
	_, misnamed, err := a.options.Migrations(os.DirFS(a.dir))
	if err != nil || len(misnamed) == 0 {
		return []string{in(a.dir, "fastmigrate new DESCRIPTION") + " writes the first one"}
	}
	for _, m := range misnamed {
		if m.Rule != "" {
			return []string{"mv " + quote(filepath.Join(a.dir, m.Name)) + " " + quote(filepath.Join(a.dir, m.Rule))}
		}
	}
	for _, tool := range []string{"goose", "dbmate", "golang-migrate", "Alembic"} {
		if !strings.Contains(misnamed[0].Tool, tool) {
			continue
		}
		command := "fastmigrate adopt --from " + strings.ToLower(tool) + " " + quote(filepath.Dir(filepath.Join(a.dir, misnamed[0].Name)))
		return []string{"a database that " + tool + " migrated is taken over, with its migrations, by " + command + " --migrations NEW --db DB", "or name them NNNN-description.sql, from 0001-"}
	}
	return []string{"a migration is named NNNN-description.sql, .star, .py or .sh: " + in(a.dir, "fastmigrate new DESCRIPTION") + " writes one"}
}

// in is a command on a directory of migrations.
func in(dir, command string) string {
	if dir == "migrations" {
		return command
	}
	return command + " --migrations " + quote(dashed(dir))
}

// here is a command on this database and these migrations.
func (a *app) here(command string) string {
	for _, f := range []struct{ flag, value, usual string }{{"--db", a.db, "data/database.db"}, {"--migrations", a.dir, "migrations"}} {
		if f.value == f.usual {
			continue
		}
		command += " " + f.flag + " " + quote(dashed(f.value))
	}
	return command
}

// quote is a word as a shell reads it, and as it can be shown.
func quote(word string) string {
	if visible.Line(word) != word {
		return "$'" + visible.Line(strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(word)) + "'"
	}
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// show makes a text fit to be shown, on a terminal that wants it in a colour.
func (a *app) show(code, text string) string {
	text = visible.Text(text)
	if _, terminal := a.err.(*live.Line); code == "" || !terminal || a.NoColor || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// The app is the handler of core's log: warnings are printed, and notices if it
// is not to be quiet, the rest only with --verbose.

const notice = slog.LevelInfo + 1

func (a *app) log() *slog.Logger { return slog.New(a) }

func (a *app) Enabled(_ context.Context, l slog.Level) bool { return l >= notice || a.Verbose }

func (a *app) Handle(_ context.Context, r slog.Record) error {
	if a.Quiet && r.Level < slog.LevelWarn {
		return nil
	}
	text := "fastmigrate: " + r.Message
	r.Attrs(func(at slog.Attr) bool { text += " " + at.String(); return true })
	_, err := fmt.Fprintln(a.err, visible.Line(text))
	return err
}

func (a *app) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a *app) WithGroup(string) slog.Handler      { return a }
