package core

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// What a caller can act on, for errors.Is. Beside these, the errors of package
// fs mean what they say: fs.ErrNotExist, fs.ErrExist, fs.ErrPermission.
var (
	// ErrUnversioned: a database without the table _meta. It is never migrated.
	ErrUnversioned = errors.New("is not versioned: it has no table _meta")

	// ErrEmpty: a file of 0 bytes, which is ErrUnversioned too. CreateDB makes a
	// database of it.
	ErrEmpty = sayf(ErrUnversioned, "is an empty file, which is no database yet")

	// ErrVersioned: a database that has a version where one without is needed.
	ErrVersioned = errors.New("is versioned already")

	// ErrMeta: the table _meta does not hold one version, or is none that this or the
	// Python package made.
	ErrMeta = errors.New("its table _meta does not hold one version")

	// ErrTaken: an application has a table _meta of its own, which is ErrMeta too.
	ErrTaken = sayf(ErrMeta, "its table _meta is not the version table")

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
	ErrAbsent = sayf(ErrRefused, "only its application can do that")

	// ErrUnrecorded: a migration, or what was to be done, that needs a history where
	// none is kept.
	ErrUnrecorded = sayf(ErrRefused, "it needs a history, and none is kept")

	// ErrUncertain: which backup is meant is not certain, so that a person has to
	// choose. The text lists them.
	ErrUncertain = errors.New("it is not certain which backup is meant")

	// ErrInterrupted: an earlier run of a migration ended in the middle, and only
	// a person can tell what it left. Resolve goes on from there.
	ErrInterrupted = errors.New("was interrupted")

	// ErrNoPath: what is given for the path of a database is a URL, or ":memory:", and
	// no file has that name.
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

// Narrower states: each is also the state that it is a case of, for errors.Is.
var (
	// ErrNoDatabase is fs.ErrNotExist: there is no file at the path of the database.
	ErrNoDatabase = sayf(fs.ErrNotExist, "does not exist")

	// ErrNoBackup is fs.ErrNotExist: the database has no backup that is whole.
	ErrNoBackup = sayf(fs.ErrNotExist, "has no backup that is whole")

	// ErrNoVersion is fs.ErrNotExist: no migration has the version that is asked for.
	ErrNoVersion = sayf(fs.ErrNotExist, "there is no such migration")

	// ErrElsewhere is ErrInterrupted: whether the run still goes on cannot be known
	// here, because it was started on another host.
	ErrElsewhere = sayf(ErrInterrupted, "was begun where it cannot be seen")

	// ErrPartly is ErrInterrupted: a part of a migration in steps, or of a backfill, is
	// applied, after which RunMigrations goes on if the file still has that part.
	ErrPartly = sayf(ErrInterrupted, "is applied in part")

	// ErrMismatch is ErrForeignKey: a foreign key refers to columns that are not unique.
	ErrMismatch = sayf(ErrForeignKey, "foreign key mismatch")

	// ErrPending is ErrRefused: migrations are pending that have to be applied first.
	ErrPending = sayf(ErrRefused, "migrations are pending")

	// ErrPageSize is ErrRefused: a database in WAL mode cannot take over another size
	// of the pages.
	ErrPageSize = sayf(ErrRefused, "the size of the pages cannot change")

	// ErrOtherTool is ErrRefused: the database does not hold what the tool that it is
	// to be adopted from writes into it, in that table.
	ErrOtherTool = sayf(ErrRefused, "another tool migrated it")

	// ErrReplaced: an ErrForeignKey where REPLACE would delete a row that others refer to.
	ErrReplaced = sayf(ErrForeignKey, "REPLACE would delete a row that others refer to")

	// ErrCascade: an ErrForeignKey where the foreign key has an action, as ON DELETE
	// CASCADE, that does not run in a migration unless it sets foreign_keys on.
	ErrCascade = sayf(ErrForeignKey, "foreign key violated, whose action did not run")
)

// Error is what every function returns that works on a database: what was done to
// which one, where in which migration it went wrong, and why.
type Error struct {
	Op      string // migrate, backup, restore, list, check, create, enroll, resolve, read, compare, fix, adopt, rebuild
	Path    string // of the database, as it was given
	File    string // name of the migration; "" if it is about none
	Line    int    // in File, from 1; 0 if unknown
	Column  int    // in Line, in characters from 1; 0 if unknown
	Source  string // the text of Line
	Output  string // the last lines that the program File printed
	Shown   bool   // Options.Output received them before
	Version int    // of the database, read after the failure; -1 if unknown
	Kept    int    // line of File up to which it stays applied, where it runs in steps; else 0
	Done    int64  // rows that a backfill in File has changed, and the next run goes on after; else 0
	Err     error  // the cause
}

// newError is where every Error begins: nothing is known of the version until
// somebody has read it.
func newError(file string, err error) *Error {
	return &Error{File: file, Version: -1, Err: err}
}

// at notes the version of the database after the failure.
func (e *Error) at(version int) *Error {
	e.Version = version
	return e
}

// printed notes the last lines of a program.
func (e *Error) printed(output string) *Error {
	e.Output = output
	return e
}

// Error gives "migrate app.db: 0003-phone.sql:7:12: no such table: nope".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Op, e.Path)
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the cause is a state that SQLite tells only in words.
func (e *Error) Is(state error) bool { return told(e.Err, state) }

// wrap makes *err an *Error about the database at path, unless it is nil. An
// *Error from below only learns its operation and database.
func wrap(err *error, op, path string) {
	if *err == nil {
		return
	}
	e, ok := (*err).(*Error)
	if !ok {
		e = newError("", *err)
	}
	e.Op, e.Path = op, path
	*err = e
}

// said is an error with a text of its own that is, for errors.Is, another.
type said struct {
	text string
	is   error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.is }

func sayf(is error, format string, args ...any) error {
	return &said{fmt.Sprintf(format, args...), is}
}
