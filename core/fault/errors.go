// Package fault is what can go wrong: states for errors.Is, where it happened ([Error]),
// and why ([Reason]). Package core exports the states that most programs ask for.
//
//	if errors.Is(err, fault.ErrPending) {
//
// The invariant: callers act on states and keys, never on the words of an error.
package fault

import (
	"errors"
	"fmt"
	"io/fs"
)

// States that a caller can act on, for errors.Is. Errors also are fs.ErrNotExist,
// fs.ErrExist and fs.ErrPermission where these say it.
var (
	// ErrUnversioned: a database without the table _meta. It is never migrated.
	ErrUnversioned = errors.New("is not versioned: it has no table _meta")

	// ErrEmpty: a file of 0 bytes, or a database without any content. It is
	// ErrUnversioned too. CreateDB makes a versioned database of it.
	ErrEmpty = Of(ErrUnversioned, "is an empty file, not yet a database")

	// ErrVersioned: the database has a version, and one without is needed.
	ErrVersioned = errors.New("is already versioned")

	// ErrMeta: the table _meta does not hold one version, or was made neither by this nor
	// by the Python package.
	ErrMeta = errors.New("its table _meta does not hold one version")

	// ErrTaken: an application has a table _meta of its own, which is ErrMeta too.
	ErrTaken = Of(ErrMeta, "its table _meta is not the version table")

	// ErrHistory: the table _meta_history is not ours, so nothing can be recorded. If it
	// is an application's, migrations run without a history. If it may have been ours,
	// they are refused, unless Options.NoHistory is set.
	ErrHistory = errors.New("its table _meta_history is not one that this package made")

	// ErrRecord: a row of the table _meta_history is damaged, so it is unknown what was
	// applied.
	ErrRecord = errors.New("its history is damaged")

	// ErrBusy: another process has locked the database, or runs a program on it,
	// for longer than Options.LockTimeout.
	ErrBusy = errors.New("is locked")

	// ErrUnfinished: a crash left a transaction unfinished. The next connection that
	// writes rolls it back; one that only reads cannot.
	ErrUnfinished = errors.New("a crash left a transaction unfinished in its -journal; the next command that writes will roll it back")

	// ErrNotDatabase: the file is not an SQLite database.
	ErrNotDatabase = errors.New("is not an SQLite database")

	// ErrCorrupt: the SQLite database is damaged.
	ErrCorrupt = errors.New("is damaged")

	// ErrReadOnly: the file system does not permit writing.
	ErrReadOnly = errors.New("is on a read-only file system")

	// ErrDuplicate: two migrations have the same version.
	ErrDuplicate = errors.New("two migrations have the same version")

	// ErrAhead: the database's version is above that of the last migration.
	ErrAhead = errors.New("is ahead of its migrations")

	// ErrMissing: the file of an applied migration is gone.
	ErrMissing = errors.New("is missing")

	// ErrEdited: the file of a migration was changed after it was applied. Accept
	// records that the change is intended.
	ErrEdited = errors.New("was edited")

	// ErrOutOfOrder: a migration below the database's version was never applied.
	ErrOutOfOrder = errors.New("is out of order")

	// ErrBackwards: the database is above the version that was asked for.
	ErrBackwards = errors.New("migrations do not run backwards")

	// ErrRefused: an operation, as a migration or a restore, was not begun because it
	// would not be safe.
	ErrRefused = errors.New("refused")

	// ErrAbsent: it was refused because it needs a collation, function, module or
	// tokenizer that only the application adds to SQLite.
	ErrAbsent = Of(ErrRefused, "only its application can do that")

	// ErrUnrecorded: the operation needs a history, and none is kept.
	ErrUnrecorded = Of(ErrRefused, "it needs a history, but none is kept")

	// ErrUncertain: it is not certain which backup to use, so a person has to choose.
	// The text lists them.
	ErrUncertain = errors.New("it is not certain which backup to use")

	// ErrInterrupted: an earlier run of a migration ended in the middle, and only a
	// person can tell what it left behind. Resolve continues from there.
	ErrInterrupted = errors.New("was interrupted")

	// ErrNoPath: a URL, ":memory:" or a text that begins with ~ was given as a path, and
	// no file has that name.
	ErrNoPath = errors.New("is not a path")

	// ErrInTheWay: the file that VACUUM INTO would make exists already.
	ErrInTheWay = errors.New("is in the way")

	// ErrForeignKey: a migration adds rows that violate a foreign key, or a foreign key
	// to columns that are not unique.
	ErrForeignKey = errors.New("foreign key violated")

	// ErrStaleText: a migration rebuilds a table, and leaves a full-text table that no
	// longer fits its rows.
	ErrStaleText = errors.New("full-text index does not match")

	// ErrExists: SQLite refused a statement because the object that it makes exists
	// already.
	ErrExists = errors.New("already exists")

	// ErrColumn: SQLite refused a statement because the table would have two columns of
	// one name.
	ErrColumn = errors.New("two columns have the same name")
)

// ErrNoMigrations: no file of the directory is a migration, although some were probably
// meant as one, and the database is at version 0.
var ErrNoMigrations = errors.New("there are no migrations")

// Narrower states: for errors.Is, each is also the state of which it is a case.
var (
	// ErrNoDatabase is fs.ErrNotExist: there is no file at the path of the database.
	ErrNoDatabase = Of(fs.ErrNotExist, "does not exist")

	// ErrNoBackup is fs.ErrNotExist: the database has no complete backup.
	ErrNoBackup = Of(fs.ErrNotExist, "has no intact backup")

	// ErrNoVersion is fs.ErrNotExist: no migration has the version that is asked for.
	ErrNoVersion = Of(fs.ErrNotExist, "there is no such migration")

	// ErrElsewhere is ErrInterrupted: it is unknown whether the run is still alive,
	// because it was started on another host.
	ErrElsewhere = Of(ErrInterrupted, "was started where it cannot be checked")

	// ErrPartly is ErrInterrupted: a migration in steps, or a backfill, was begun, and its
	// progress is recorded. RunMigrations continues there if the file still has the part
	// that is applied.
	ErrPartly = Of(ErrInterrupted, "is partly applied")

	// ErrMismatch is ErrForeignKey: a foreign key refers to columns that are not unique.
	ErrMismatch = Of(ErrForeignKey, "foreign key mismatch")

	// ErrApart is ErrRefused: a migration cannot be in the one transaction of
	// Options.Atomic.
	ErrApart = Of(ErrRefused, "cannot be in one transaction with other migrations")

	// ErrPending is ErrRefused: migrations are pending that have to be applied first.
	ErrPending = Of(ErrRefused, "migrations are pending")

	// ErrPageSize is ErrRefused: a database in WAL mode cannot change its page size.
	ErrPageSize = Of(ErrRefused, "the page size cannot change")

	// ErrOtherTool is ErrRefused: the table of the tool from which the database is adopted
	// is not as that tool makes it.
	ErrOtherTool = Of(ErrRefused, "another tool migrated it")

	// ErrReplaced is ErrForeignKey: REPLACE would delete a row that others refer to.
	ErrReplaced = Of(ErrForeignKey, "REPLACE would delete a row that others refer to")

	// ErrCascade is ErrForeignKey: the foreign key has an action, as ON DELETE CASCADE,
	// which only runs in a migration that sets foreign_keys on.
	ErrCascade = Of(ErrForeignKey, "foreign key violated, because its action did not run")
)

// Of returns an error with a text of its own that is, for errors.Is and errors.As, the
// error is. The text does not contain that of is.
func Of(is error, format string, args ...any) error {
	return &said{fmt.Sprintf(format, args...), is}
}

type said struct {
	text string
	is   error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.is }
