// Package fault describes what can go wrong: states for [errors.Is], the place ([Error])
// and the cause ([Reason]). Package core exports the states that most programs need.
//
//	if errors.Is(err, fault.ErrPending) {
//
// The invariant: callers act on states and keys, never on the text of an error.
package fault

import (
	"errors"
	"fmt"
	"io/fs"
)

// States that a caller can act on, for [errors.Is]. Errors can also be [fs.ErrNotExist],
// [fs.ErrExist] or [fs.ErrPermission].
var (
	// ErrUnversioned: the database has no table _meta. It is never migrated.
	ErrUnversioned = errors.New("is not versioned: it has no table _meta")

	// ErrEmpty: the file has 0 bytes, or the database has no content. This is also
	// ErrUnversioned. CreateDB turns it into a versioned database.
	ErrEmpty = Of(ErrUnversioned, "is an empty file, not yet a database")

	// ErrVersioned: the database has a version, but must not have one.
	ErrVersioned = errors.New("is already versioned")

	// ErrMeta: the table _meta does not hold exactly one version, or neither this package
	// nor the Python package created it.
	ErrMeta = errors.New("its table _meta does not hold one version")

	// ErrTaken: an application has a table _meta of its own. This is also ErrMeta.
	ErrTaken = Of(ErrMeta, "its table _meta is not the version table")

	// ErrHistory: we did not create the table _meta_history, so nothing can be recorded. If
	// it belongs to an application, migrations run without a history. If it may be a damaged
	// one of ours, they are refused, unless Options.NoHistory is set.
	ErrHistory = errors.New("its table _meta_history is not one that this package made")

	// ErrRecord: a row of the table _meta_history is damaged, so the applied migrations are
	// unknown.
	ErrRecord = errors.New("its history is damaged")

	// ErrBusy: another process has locked the database, or runs a program on it,
	// for longer than Options.LockTimeout.
	ErrBusy = errors.New("is locked")

	// ErrUnfinished: a crash left a transaction unfinished. The next connection that writes
	// rolls it back; a connection that only reads cannot.
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

	// ErrEdited: the file of a migration was changed after it was applied. repair.Accept
	// records that the change is intended.
	ErrEdited = errors.New("was edited")

	// ErrOutOfOrder: a migration at or below the database's version was never applied.
	ErrOutOfOrder = errors.New("is out of order")

	// ErrBackwards: the database is above the requested version.
	ErrBackwards = errors.New("migrations do not run backwards")

	// ErrRefused: an operation, such as a migration or a restore, was not started because it
	// would not be safe.
	ErrRefused = errors.New("refused")

	// ErrAbsent: the operation was refused because it needs a collation, function, module or
	// tokenizer that only the application adds to SQLite.
	ErrAbsent = Of(ErrRefused, "only its application can do that")

	// ErrUnrecorded: the operation needs a history, and none is kept.
	ErrUnrecorded = Of(ErrRefused, "it needs a history, but none is kept")

	// ErrUncertain: it is unclear which backup to use, so a person must choose. The text
	// lists them.
	ErrUncertain = errors.New("it is not certain which backup to use")

	// ErrInterrupted: an earlier run stopped in the middle of a migration, and only a person
	// can find out what it left behind. repair.Resolve records the answer.
	ErrInterrupted = errors.New("was interrupted")

	// ErrNoPath: the path is a URL, ":memory:" or a text that begins with ~, and no file has
	// that name.
	ErrNoPath = errors.New("is not a path")

	// ErrInTheWay: the file that VACUUM INTO would create already exists.
	ErrInTheWay = errors.New("is in the way")

	// ErrForeignKey: a migration added rows that violate a foreign key, or a foreign key to
	// columns that are not unique.
	ErrForeignKey = errors.New("foreign key violated")

	// ErrStaleText: a migration rebuilt a table, and left a full-text table that no longer
	// matches its rows.
	ErrStaleText = errors.New("full-text index does not match")

	// ErrExists: SQLite refused a statement because the object that it creates already
	// exists.
	ErrExists = errors.New("already exists")

	// ErrColumn: SQLite refused a statement because the table would have two columns with
	// the same name.
	ErrColumn = errors.New("two columns have the same name")
)

// ErrNoMigrations: no file of the directory is a migration, although some were probably
// meant as migrations, and the database is at version 0.
var ErrNoMigrations = errors.New("there are no migrations")

// Narrower states: for [errors.Is], each is also the wider state that its comment names.
var (
	// ErrNoDatabase is fs.ErrNotExist: there is no file at the path of the database.
	ErrNoDatabase = Of(fs.ErrNotExist, "does not exist")

	// ErrNoBackup is fs.ErrNotExist: the database has no complete backup.
	ErrNoBackup = Of(fs.ErrNotExist, "has no backup that is whole")

	// ErrNoVersion is fs.ErrNotExist: no migration has the requested version.
	ErrNoVersion = Of(fs.ErrNotExist, "there is no such migration")

	// ErrElsewhere is ErrInterrupted: it is unknown whether the run is still alive,
	// because it was started on another host.
	ErrElsewhere = Of(ErrInterrupted, "was started where it cannot be checked")

	// ErrPartly is ErrInterrupted: a migration in steps, or a backfill, is partly applied,
	// and its progress is recorded. RunMigrations resumes there if that part of the file is
	// unchanged.
	ErrPartly = Of(ErrInterrupted, "is partly applied")

	// ErrMismatch is ErrForeignKey: a foreign key refers to columns that are not unique.
	ErrMismatch = Of(ErrForeignKey, "foreign key mismatch")

	// ErrApart is ErrRefused: a migration cannot run in the one transaction of
	// Options.Atomic.
	ErrApart = Of(ErrRefused, "cannot be in one transaction with other migrations")

	// ErrPending is ErrRefused: pending migrations must be applied first.
	ErrPending = Of(ErrRefused, "migrations are pending")

	// ErrPageSize is ErrRefused: a database in WAL mode cannot change its page size.
	ErrPageSize = Of(ErrRefused, "the page size cannot change")

	// ErrOtherTool is ErrRefused: the version table is not as the tool that the database is
	// adopted from creates it.
	ErrOtherTool = Of(ErrRefused, "another tool migrated it")

	// ErrReplaced is ErrForeignKey: REPLACE would delete a row that other rows refer to.
	ErrReplaced = Of(ErrForeignKey, "REPLACE would delete a row that others refer to")

	// ErrCascade is ErrForeignKey: the foreign key has an action, such as ON DELETE CASCADE,
	// which only runs in a migration that sets foreign_keys on.
	ErrCascade = Of(ErrForeignKey, "foreign key violated, because its action did not run")
)

// Of returns an error with a text of its own, which [errors.Is] and [errors.As] treat as
// the error is. The text does not include that of is.
func Of(is error, format string, args ...any) error {
	return &said{fmt.Sprintf(format, args...), is}
}

type said struct {
	text string
	is   error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.is }
