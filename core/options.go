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

// Options changes what the functions of this package, and of those over it, do. The zero
// value suits most programs. The functions that heed a field, unless all do:
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
//	Runners                                                 those, and whatever lists migrations
//	OnCascade                                               data
//	OnProgress                                              RunMigrations BackupDB Backups RestoreDB check data.Execute
type Options struct {
	// To is the version to stop at. Zero: that of the last migration.
	To int

	// Atomic applies all pending migrations in one transaction: all of them or none.
	// Each must be a .sql that can be in a transaction, or be run by one of Runners.
	// Foreign keys are checked once, at the end.
	Atomic bool

	// Backup makes a backup before the first pending migration. If it fails, nothing is
	// migrated.
	Backup bool

	// BackupDir is the directory of the backups. It is made if needed, for its owner only.
	// Empty: the directory of the database.
	BackupDir string

	// Keep is how many backups of the database are kept, the new one included; older ones
	// are removed. A file stays if it is not certain that it is an older backup of this
	// database, or if another process holds it: see Hold. Zero: all are kept.
	Keep int

	// Hold keeps the backups that are made from being removed by others. If nil,
	// RunMigrations holds its own until it returns.
	Hold *Hold

	// Isolated runs each .py and .sh migration on a private copy of the database. If the
	// program succeeds, the content of the copy replaces that of the database in one
	// transaction; writers wait meanwhile. If false, only programs with the comment
	// "fastmigrate: isolated" in their first ten lines are isolated.
	Isolated bool

	// AllowOutOfOrder also applies migrations below the version of the database that were
	// never applied, before the others; the version stays what it is. Only what is one
	// transaction can be applied out of order: no program that is not isolated, and no
	// .sql that runs in steps.
	AllowOutOfOrder bool

	// AllowMissing permits applied migrations whose files are gone, for example after
	// squashing, and a database that is ahead of its migrations, for example because a
	// newer release ran on it.
	AllowMissing bool

	// NoForeignKeyCheck permits migrations that add rows which violate a foreign key, or
	// foreign keys to columns that are not unique. If false, only migrations with the
	// comment "fastmigrate: no foreign key check" may: in SQL before the first statement,
	// else in the first ten lines.
	NoForeignKeyCheck bool

	// NoHistory keeps no table _meta_history. Migrations that need one are refused:
	// programs that are not isolated, .sql that cannot be in one transaction, and
	// backfills. It is implied if an application has a table of that name.
	NoHistory bool

	// NoReplay skips the check that the migrations produce the schema of the database,
	// for which they are run on a scratch database.
	NoReplay bool

	// IgnoreTables are tables that no migration makes. They are left out of comparisons, as
	// are the tables in which other migration tools keep their versions.
	IgnoreTables []string

	// Runners run migrations of other kinds than .sql, .py and .sh, by extension: "star".
	// A file NNNN-description with such an extension is then a migration, wherever these
	// Options are given. If there is none for "star", a .star is refused when it is reached.
	Runners map[string]runner.Runner

	// SkipPrograms skips .py and .sh migrations, and reports which.
	SkipPrograms bool

	// Trial says that a call is not for real, and which files stand for which. If nil, it
	// is for real.
	Trial *Trial

	// Observer sees what is done to databases: see package rehearse. If nil, no one does.
	Observer apply.Observer

	// LockTimeout is how long to wait for a database that another process has locked, or
	// for a program that another process runs on it. Zero: 30 seconds. Negative: not at
	// all.
	LockTimeout time.Duration

	// ScriptTimeout is how long one .py or .sh migration may take. Zero: no limit.
	ScriptTimeout time.Duration

	// Python runs .py migrations. Empty: the interpreter of the active virtual
	// environment (VIRTUAL_ENV), else python3 (on Windows python).
	Python string

	// Shell runs .sh migrations. Empty: sh.
	Shell string

	// Output receives what .py and .sh migrations print, as they print it.
	// If nil, it is discarded; an Error still has its end.
	Output io.Writer

	// OnApplied is called after each migration that was applied. If nil, no one is notified.
	OnApplied func(Applied)

	// OnBackup is called when the backup before the first migration was made. If nil, no one
	// is notified.
	OnBackup func(Backup)

	// OnCascade is called after Execute or Transact of package data succeeded, if actions
	// of foreign keys changed rows, or triggers did in tables with such keys: with the
	// number of rows by table. If nil, no one is notified.
	OnCascade func(map[string]int64)

	// OnProgress is called about ten times a second while a migration, a backup, a restore
	// or a check takes long: from a goroutine of its own, never from two at once, and never
	// at the same time as OnApplied or OnBackup. If it was called at all, it is called with
	// the zero Progress before the function returns, for which it must not wait. If nil, no
	// one is notified.
	OnProgress func(Progress)

	// Logger receives what is worth knowing and needs no action: a wait for a lock, a
	// script that is not atomic, a file that is almost a migration, a migration that does
	// nothing; at the level Debug, each statement of a .sql migration, without its texts. If
	// nil, nothing is logged.
	Logger *slog.Logger

	// Tool is the program's name and version, for the history. Empty: "fastmigrate".
	Tool string
}

// Config gives o to the packages over this one; programs have no use for it.
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

// Progress is how far a long operation has come: the Migration, "" outside of one; the
// Phase: migrate, run (a program), execute, copy, check, replace (the content), tidy, and ""
// at the end; the Statement that runs, from 1, of all Statements; the Rows that the
// migration has changed; the Pages that are copied, OfPages; the time Elapsed since the
// migration or the operation began; and the sizes of the database file (Bytes), its WAL
// and its Journal. What is unknown or does not apply is 0.
type Progress = progress.Progress

// Trial says that a call is not for real. Migrations and their programs are kept away from
// its Originals, the databases for which private copies stand. SkipPrograms skips .py and
// .sh migrations, which then count as applied. Sealed refuses every statement that would
// open another file. Place gives the private files: see package rehearse.
type Trial = file.Trial
