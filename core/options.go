package core

import (
	"io"
	"log/slog"
	"time"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/progress"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/runner"
)

// Options changes what the functions of this package, and of the packages built on it,
// do. The zero value suits most programs. All functions use the fields that this table
// leaves out; the others are used by:
//
//	To Atomic Backup Isolated OnApplied OnBackup Observer   RunMigrations
//	AllowOutOfOrder                                         RunMigrations Status
//	AllowMissing                                            RunMigrations Status drift
//	BackupDir                                               RunMigrations BackupDB Backups RestoreDB
//	Keep Hold                                               RunMigrations BackupDB
//	NoForeignKeyCheck                                       RunMigrations EnrollDB adopt drift data
//	NoHistory Tool                                          RunMigrations EnrollDB adopt repair
//	NoReplay                                                EnrollDB adopt
//	IgnoreTables                                            EnrollDB adopt drift
//	SkipPrograms                                            drift.Find
//	ScriptTimeout Python Shell Output                       RunMigrations EnrollDB adopt drift
//	Runners                                                 those, and all that list migrations
//	OnCascade                                               data
//	OnProgress                                              RunMigrations BackupDB Backups RestoreDB check data.Execute
type Options struct {
	// To is the version to stop at. Zero: the version of the last migration.
	To int

	// Atomic applies all pending migrations in one transaction: all of them or none. Each
	// must be a .sql that can run in a transaction, or be run by one of Runners. Foreign
	// keys are checked once, at the end.
	Atomic bool

	// Backup makes a backup before the first pending migration. If it fails, nothing is
	// migrated.
	Backup bool

	// BackupDir is the directory of the backups. It is created if needed, for its owner
	// only. Empty: the directory of the database.
	BackupDir string

	// Keep is how many backups of the database are kept, the new one included; older ones
	// are removed. A file also stays if it may not be an older backup of this database, or
	// if another process keeps it: see Hold. Zero: all are kept.
	Keep int

	// Hold keeps the backups made here from being removed by others. If nil, RunMigrations
	// protects its own backup until it returns.
	Hold *Hold

	// Isolated runs each .py and .sh migration on a private copy of the database. If the
	// program succeeds, the content of the copy replaces that of the database in one
	// transaction; other writers wait until then. If false, only programs with the comment
	// "fastmigrate: isolated" in their first ten lines are isolated.
	Isolated bool

	// AllowOutOfOrder also applies migrations below the version of the database that were
	// never applied, before the others; the version stays unchanged. Only migrations that
	// run in one transaction can be applied out of order: isolated programs, but no others,
	// and no .sql that runs in steps.
	AllowOutOfOrder bool

	// AllowMissing permits applied migrations whose files are gone, for example after
	// squashing, and a database that is ahead of its migrations, for example because a
	// newer release ran on it.
	AllowMissing bool

	// NoForeignKeyCheck permits migrations that add rows which violate a foreign key, or
	// foreign keys to columns that are not unique. If false, only migrations with the
	// comment "fastmigrate: no foreign key check" may do so. It must be before the first
	// statement in SQL, otherwise in the first ten lines.
	NoForeignKeyCheck bool

	// NoHistory keeps no table _meta_history. Migrations that need one are refused: programs
	// that are not isolated, .sql that cannot run in one transaction, and backfills. It is
	// implied if an application has a table of that name.
	NoHistory bool

	// NoReplay skips the check that the migrations, run on a scratch database, produce the
	// schema of the database.
	NoReplay bool

	// IgnoreTables are tables that no migration creates. They are left out of comparisons,
	// as are the tables in which other migration tools keep their versions.
	IgnoreTables []string

	// Runners run migrations of other kinds than .sql, .py and .sh, by extension: "star". A
	// file NNNN-description with such an extension is then a migration, wherever these
	// Options are given. Without one for "star", a run that reaches a .star migration is
	// refused.
	Runners map[string]runner.Runner

	// SkipPrograms skips .py and .sh migrations, and reports which ones.
	SkipPrograms bool

	// Trial makes a call a rehearsal, and names the files to use in place of others. If nil,
	// the call is for real.
	Trial *Trial

	// Observer is notified of what is done to databases: see package rehearse. If nil, no
	// one is notified.
	Observer apply.Observer

	// LockTimeout is how long to wait for a database that another process has locked, or for
	// a program that another process runs on it. Zero: 30 seconds. Negative: do not wait.
	LockTimeout time.Duration

	// ScriptTimeout is how long one .py or .sh migration may take. Zero: no limit.
	ScriptTimeout time.Duration

	// Python runs .py migrations. Empty: the interpreter of the active virtual
	// environment (VIRTUAL_ENV), else python3 (on Windows python).
	Python string

	// Shell runs .sh migrations. Empty: sh.
	Shell string

	// Output receives what .py and .sh migrations print, as they print it. If nil, it is
	// discarded, but an Error still has the last lines.
	Output io.Writer

	// OnApplied is called after each migration is applied. If nil, no one is notified.
	OnApplied func(Applied)

	// OnBackup is called after the backup before the first migration is made. If nil, no one
	// is notified.
	OnBackup func(Backup)

	// OnCascade is called with the number of rows by table after Execute or Transact of
	// package data succeeds, if foreign key actions changed rows, or if triggers changed
	// rows in tables with such keys. If nil, no one is notified.
	OnCascade func(map[string]int64)

	// OnProgress is called about ten times a second during a long migration, backup, restore
	// or check. The calls come from one other goroutine, one after the other, and never at
	// the same time as OnApplied or OnBackup. If it was called at all, the last call, before
	// the function returns, has the zero Progress. It must not wait for the function to
	// return. If nil, no one is notified.
	OnProgress func(Progress)

	// Logger receives messages that need no action: a wait for a lock, a script that is not
	// atomic, a file whose name is almost that of a migration, a migration that does
	// nothing. At the level Debug, it receives each statement of a .sql migration, without
	// its string values. If nil, nothing is logged.
	Logger *slog.Logger

	// Tool is the program's name and version, for the history. Empty: "fastmigrate".
	Tool string
}

// Config converts o for the packages built on this one; programs have no use for it.
func (o Options) Config() upgrade.Config {
	c := upgrade.Config{
		To:                o.To,
		Atomic:            o.Atomic,
		Backup:            o.Backup,
		BackupDir:         o.BackupDir,
		Keep:              o.Keep,
		Hold:              o.Hold,
		Isolated:          o.Isolated,
		AllowOutOfOrder:   o.AllowOutOfOrder,
		AllowMissing:      o.AllowMissing,
		NoForeignKeyCheck: o.NoForeignKeyCheck,
		NoHistory:         o.NoHistory,
		NoReplay:          o.NoReplay,
		IgnoreTables:      o.IgnoreTables,
		Runners:           o.Runners,
		SkipPrograms:      o.SkipPrograms,
		Trial:             o.Trial,
		Observer:          o.Observer,
		LockTimeout:       o.LockTimeout,
		ScriptTimeout:     o.ScriptTimeout,
		Python:            o.Python,
		Shell:             o.Shell,
		Output:            o.Output,
		OnCascade:         o.OnCascade,
		OnProgress:        o.OnProgress,
		Logger:            o.Logger,
		Tool:              o.Tool,
	}
	if o.OnApplied != nil {
		c.OnApplied = func(a apply.Applied) { o.OnApplied(Applied(a)) }
	}
	if o.OnBackup != nil {
		c.OnBackup = func(b backup.Backup) { o.OnBackup(Backup(b)) }
	}
	return c
}

// Progress says how far a long operation has come: the Migration, "" outside of one; the
// Phase: migrate, run (a program), execute, copy, check, replace (the content), tidy, and ""
// at the end; the Statement that runs, from 1, of all Statements; the Rows that the
// migration has changed; the Pages that are copied, OfPages; the time Elapsed since the
// migration or the operation began; and the sizes of the database file (Bytes), its WAL and
// its Journal. What is unknown or does not apply is 0.
type Progress = progress.Progress

// Trial makes a call a rehearsal. Migrations and their programs are kept away from its
// Originals, the databases that private copies replace. SkipPrograms skips .py and .sh
// migrations, which then count as applied. Sealed refuses every statement that would open
// another file. Place returns the private files: see package rehearse.
type Trial = file.Trial
