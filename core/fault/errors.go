// Package fault is what went wrong: states that a caller can act on, for errors.Is,
// whatever their words. Package core exports those that most programs ask for.
//
//	if errors.Is(err, fault.ErrPending) {
package fault

import (
	"errors"
	"fmt"
	"io/fs"
)

// What a caller can act on, for errors.Is. Beside these, the errors of package
// fs mean what they say: fs.ErrNotExist, fs.ErrExist, fs.ErrPermission.
var (
	// ErrUnversioned: a database without the table _meta. It is never migrated.
	ErrUnversioned = errors.New("is not versioned: it has no table _meta")

	// ErrEmpty: a file of 0 bytes, or a database that has nothing in it. It is
	// ErrUnversioned too. CreateDB makes a database of it.
	ErrEmpty = Of(ErrUnversioned, "is an empty file, which is no database yet")

	// ErrVersioned: a database that has a version where one without is needed.
	ErrVersioned = errors.New("is versioned already")

	// ErrMeta: the table _meta does not hold one version, or is none that this or the
	// Python package made.
	ErrMeta = errors.New("its table _meta does not hold one version")

	// ErrTaken: an application has a table _meta of its own, which is ErrMeta too.
	ErrTaken = Of(ErrMeta, "its table _meta is not the version table")

	// ErrHistory: something else has the name of the table _meta_history, so that
	// nothing can be recorded. If it is an application's, migrations run without a
	// history; if it may have been ours, they are refused, but for Options.NoHistory.
	ErrHistory = errors.New("its table _meta_history is not one that this package made")

	// ErrRecord: a row of the table _meta_history holds what none can, so that it is
	// not known what was applied.
	ErrRecord = errors.New("its history is damaged")

	// ErrBusy: another process has locked the database, or runs a program on it,
	// for longer than Options.LockTimeout.
	ErrBusy = errors.New("is locked")

	// ErrUnfinished: a crash left a transaction unfinished, which whatever opens the
	// database for writing undoes. What only reads cannot.
	ErrUnfinished = errors.New("a crash left a transaction unfinished in its -journal; the next command that writes will undo it")

	// ErrNotDatabase: something else than an SQLite database.
	ErrNotDatabase = errors.New("is not an SQLite database")

	// ErrCorrupt: an SQLite database that is damaged.
	ErrCorrupt = errors.New("is damaged")

	// ErrReadOnly: the file system does not permit writing.
	ErrReadOnly = errors.New("is on a read-only file system")

	// ErrDuplicate: two migrations have one version.
	ErrDuplicate = errors.New("two migrations have one version")

	// ErrAhead: the database's version is above that of the last migration.
	ErrAhead = errors.New("is ahead of its migrations")

	// ErrMissing: a migration that was applied has no file any more.
	ErrMissing = errors.New("is missing")

	// ErrEdited: the file of a migration is no longer what was applied. Accept
	// records that it is meant to be so.
	ErrEdited = errors.New("was edited")

	// ErrOutOfOrder: a migration below the database's version was never applied.
	ErrOutOfOrder = errors.New("is out of order")

	// ErrBackwards: the database is past the version that it is to come to.
	ErrBackwards = errors.New("migrations do not run backwards")

	// ErrRefused: what was not begun because it could not be safe: a migration, a
	// restore.
	ErrRefused = errors.New("refused")

	// ErrAbsent: what was refused because it needs a collation, function, module or
	// tokenizer that an application adds to SQLite, and that is not here.
	ErrAbsent = Of(ErrRefused, "only its application can do that")

	// ErrUnrecorded: a migration, or what was to be done, that needs a history where
	// none is kept.
	ErrUnrecorded = Of(ErrRefused, "it needs a history, and none is kept")

	// ErrUncertain: which backup is meant is not certain, so that a person has to
	// choose. The text lists them.
	ErrUncertain = errors.New("it is not certain which backup is meant")

	// ErrInterrupted: an earlier run of a migration ended in the middle, and only
	// a person can tell what it left. Resolve goes on from there.
	ErrInterrupted = errors.New("was interrupted")

	// ErrNoPath: what is given for a path is a URL, ":memory:" or begins with ~, and
	// nothing has that name.
	ErrNoPath = errors.New("is no path")

	// ErrInTheWay: a file that VACUUM INTO is to make is there already.
	ErrInTheWay = errors.New("is in the way")

	// ErrForeignKey: a migration adds rows that violate a foreign key, or a foreign
	// key to columns that are not unique.
	ErrForeignKey = errors.New("foreign key violated")

	// ErrExists: SQLite refused a statement because what it makes is there already.
	ErrExists = errors.New("exists already")

	// ErrColumn: SQLite refused a statement that gives a table two columns of one name.
	ErrColumn = errors.New("two columns have one name")
)

// ErrNoMigrations: none of the files of a directory is a migration, although
// some were probably meant as one, and the database is at version 0.
var ErrNoMigrations = errors.New("there are no migrations")

// Narrower states: each is also the state that it is a case of, for errors.Is.
var (
	// ErrNoDatabase is fs.ErrNotExist: there is no file at the path of the database.
	ErrNoDatabase = Of(fs.ErrNotExist, "does not exist")

	// ErrNoBackup is fs.ErrNotExist: the database has no backup that is whole.
	ErrNoBackup = Of(fs.ErrNotExist, "has no backup that is whole")

	// ErrNoVersion is fs.ErrNotExist: no migration has the version that is asked for.
	ErrNoVersion = Of(fs.ErrNotExist, "there is no such migration")

	// ErrElsewhere is ErrInterrupted: whether the run still goes on cannot be known
	// here, because it was started on another host.
	ErrElsewhere = Of(ErrInterrupted, "was begun where it cannot be seen")

	// ErrPartly is ErrInterrupted: a migration in steps, or a backfill, was begun, and
	// how far it came is recorded. RunMigrations continues there if the file still has
	// the part that is applied.
	ErrPartly = Of(ErrInterrupted, "is applied in part")

	// ErrMismatch is ErrForeignKey: a foreign key refers to columns that are not unique.
	ErrMismatch = Of(ErrForeignKey, "foreign key mismatch")

	// ErrApart is ErrRefused: a migration cannot be in the one transaction of
	// Options.Atomic.
	ErrApart = Of(ErrRefused, "cannot be in one transaction with other migrations")

	// ErrPending is ErrRefused: migrations are pending that have to be applied first.
	ErrPending = Of(ErrRefused, "migrations are pending")

	// ErrPageSize is ErrRefused: a database in WAL mode cannot take over another size
	// of the pages.
	ErrPageSize = Of(ErrRefused, "the size of the pages cannot change")

	// ErrOtherTool is ErrRefused: the database does not hold what the tool that it is
	// to be adopted from writes into it, in that table.
	ErrOtherTool = Of(ErrRefused, "another tool migrated it")

	// ErrReplaced: an ErrForeignKey where REPLACE would delete a row that others refer to.
	ErrReplaced = Of(ErrForeignKey, "REPLACE would delete a row that others refer to")

	// ErrCascade: an ErrForeignKey where the foreign key has an action, as ON DELETE
	// CASCADE, that does not run in a migration unless it sets foreign_keys on.
	ErrCascade = Of(ErrForeignKey, "foreign key violated, whose action did not run")
)

// Of is an error with a text of its own that is, for errors.Is, another.
func Of(is error, format string, args ...any) error {
	return &said{fmt.Sprintf(format, args...), is}
}

type said struct {
	text string
	is   error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.is }
