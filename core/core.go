// Package core brings SQLite databases from version to version and never leaves
// one wrong. Most programs need one call, at their start:
//
//	//go:embed migrations
//	var files embed.FS
//
//	migrations, _ := fs.Sub(files, "migrations")
//	if _, _, err := core.CreateDB(ctx, "app.db", core.Options{}); err != nil {
//		return err
//	}
//	result, err := core.RunMigrations(ctx, "app.db", migrations, core.Options{})
//
// A database is versioned if it has the one-row table _meta, which holds its
// version; the Python package fastmigrate reads and writes the same. A
// migration is a file NNNN-description.sql, .star, .py or .sh, where NNNN is the
// version that it leads to. What was applied is kept in the table
// _meta_history.
//
// The functions hold no state, print nothing and may be called concurrently,
// also from several processes on one database.
package core

import (
	"io"
	"log/slog"
	"time"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/runner"
)

// SQLiteVersion is the version of SQLite that this package links.
const SQLiteVersion = sqlite.Version

// Options changes what the functions of this package do. The zero value is
// meant for most. The functions that heed a field, where it is not all of them:
//
//	To Atomic Backup Isolated OnApplied OnBackup Observer     RunMigrations
//	AllowOutOfOrder                                           RunMigrations Status
//	AllowMissing                                              RunMigrations Status Drift FixDrift
//	BackupDir                                                 RunMigrations BackupDB Backups RestoreDB
//	Keep Hold                                                 RunMigrations BackupDB
//	NoForeignKeyCheck                                         RunMigrations EnrollDB Adopt Drift FixDrift Execute Transact
//	NoHistory Tool                                            RunMigrations EnrollDB Adopt Resolve Accept
//	NoReplay                                                  EnrollDB Adopt
//	IgnoreTables                                              EnrollDB Adopt Drift FixDrift
//	SkipPrograms                                              Drift
//	ScriptTimeout Python Shell Output                         RunMigrations EnrollDB Adopt Drift FixDrift
//	Runners                                                   those, and whatever lists migrations
//	OnCascade                                                 Execute Transact
//	OnProgress                                                RunMigrations BackupDB Backups RestoreDB CheckDB Execute
type Options struct {
	// To is the version to stop at. Zero: the last there is.
	To int

	// Atomic applies all pending migrations in one transaction: all of them or
	// none. They must be .sql that can be in a transaction, or run by Runners. Foreign
	// keys are checked once, at the end of it.
	Atomic bool

	// Backup has RunMigrations make a backup before the first pending migration,
	// and migrate only if it succeeded.
	Backup bool

	// BackupDir is the directory for backups, made if needed, for its owner only.
	// Empty: that of the database.
	BackupDir string

	// Keep is how many backups of the database BackupDB, and RunMigrations with
	// Backup, leave, the new one included: older ones are removed, and no file of
	// another name. Those stay of which it is not certain that they are of this
	// database and older, and those that a Hold of another keeps. Zero: all.
	Keep int

	// Hold keeps the backups that are made from being removed by others. Nil:
	// RunMigrations does so until it returns.
	Hold *Hold

	// Isolated runs every .py and .sh migration on a private copy of the
	// database, whose content replaces the original's in one transaction if the
	// program succeeds. Writers wait meanwhile. Without it, only those are
	// isolated that say "fastmigrate: isolated" in a comment in their first ten lines.
	Isolated bool

	// AllowOutOfOrder applies also migrations below the database's version that
	// were never applied, before the others. The version stays what it is. Only
	// what happens in one transaction can be out of order: not a program that is
	// not isolated, nor .sql that runs in steps.
	AllowOutOfOrder bool

	// AllowMissing permits applied migrations whose files are gone, for example after
	// squashing, and a database that is ahead of its migrations, as a newer release
	// leaves it.
	AllowMissing bool

	// NoForeignKeyCheck lets a migration add rows that violate a foreign key, and
	// foreign keys to columns that are not unique. Without it, only those may that say
	// "fastmigrate: no foreign key check" in a -- comment before the first statement, or
	// a # comment in the first ten lines.
	NoForeignKeyCheck bool

	// NoHistory keeps no table _meta_history, as happens without it where an
	// application has one of its own. Migrations that need it are then
	// refused: programs that are not isolated, .sql that cannot be in one
	// transaction, and backfills.
	NoHistory bool

	// NoReplay has EnrollDB believe that the migrations up to the version given, and
	// Adopt that those that were applied, make the database's schema, instead of
	// running them on a scratch database.
	NoReplay bool

	// IgnoreTables are tables that are not the migrations' to make: EnrollDB, Adopt,
	// Drift and FixDrift leave them out, as they do the tables in which other tools
	// for migrations keep their versions. Nil: only those.
	IgnoreTables []string

	// Runners run migrations of other kinds than .sql, .py and .sh, by extension:
	// "star". A file NNNN-description with such an extension is then a migration,
	// wherever these Options are given. Nil: a .star is refused when it is reached.
	Runners map[string]runner.Runner

	// SkipPrograms has Drift run no .py and .sh migrations, but tell which.
	SkipPrograms bool

	// Trial says that what is done is not for real, and what stands for what. Nil: it
	// is for real. EnrollDB, Adopt, Drift and FixDrift need not be told what they try.
	Trial *Trial

	// Observer sees what is done. If nil, no one does.
	Observer apply.Observer

	// LockTimeout is how long to wait for a database that another process has
	// locked, or for a program that another process runs on it. Zero: 30
	// seconds. Negative: not at all.
	LockTimeout time.Duration

	// ScriptTimeout is how long one .py or .sh migration may take. Zero: for ever.
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

	// OnBackup is called when the backup of Options.Backup was made. If nil, no one is notified.
	OnBackup func(Backup)

	// OnCascade is called when Execute or Transact has succeeded, with how many rows the
	// actions of foreign keys changed, or triggers in the tables that have such keys, by
	// table; not if there are none. If nil, no one is notified.
	OnCascade func(map[string]int64)

	// OnProgress is called about ten times a second while a migration, a backup, a
	// restore or a check takes long, never from two goroutines at once nor at the
	// same time as OnApplied or OnBackup, and from another goroutine than theirs. If
	// it was called, then a last time with the zero Progress before the function
	// returns. It must not wait for that. If nil, no one is notified.
	OnProgress func(Progress)

	// Logger is told what one would want to know but need not act on: a wait for
	// a lock, a script that is not atomic, a file that is almost a migration, a
	// migration that does nothing. If nil, no one is notified.
	Logger *slog.Logger

	// Tool is the program's name and version, for the history. Empty: "fastmigrate".
	Tool string
}
