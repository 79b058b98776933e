package core

import (
	"context"
	"time"

	"fastmigrate/core/internal/upgrade"
)

// Backup is a copy of a database.
type Backup struct {
	Path    string `json:"path"`
	Version int    `json:"version"` // of the database; -1 if it is unversioned
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"` // of the file, in hexadecimal
}

// BackupDB makes a consistent copy of the database at path, while others write
// to it: path.YYYYMMDD_HHMMSS.backup, in local time, or in Options.BackupDir. If
// path is a symbolic link, the copy lies beside the file that it leads to, and has
// that file's name. It has its name only once it is complete, checked and on disk, no more people may
// read it than the database, and it never replaces a file. Its database and the
// time are recorded in a list beside it, .backups.fastmigrate. A backup that fails
// leaves nothing; one that succeeds removes older ones as Options.Keep says.
// Errors: those of Version but ErrUnversioned, and what the disk says.
func BackupDB(ctx context.Context, path string, o Options) (b Backup, err error) {
	defer Wrap(&err, "backup", path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return b, err
	}
	defer d.Watched()()
	made, err := d.Vault().Backup(ctx)
	return Backup(made), err
}

// Backups lists the backups of the database at path, which may be gone, the
// newest first: those beside it, or in Options.BackupDir, and all that have the
// name of one there though they are of another. If path is a symbolic link, it
// lists those named after the link too, as version 0.1 named them. Each is read
// and checked as a whole, and none is changed.
func Backups(ctx context.Context, path string, o Options) (list []BackupFile, err error) {
	defer Wrap(&err, "list", path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return nil, err
	}
	defer d.Watched()()
	all, err := d.Vault().List(ctx)
	for _, b := range all {
		list = append(list, BackupFile(b))
	}
	return list, err
}

// BackupFile is a backup that is there.
type BackupFile struct {
	Path    string    `json:"path"`
	Time    time.Time `json:"time"`    // when it was made, in UTC; if that was not recorded, its name as local time
	Version int       `json:"version"` // -1 if it has none, or is not whole
	Bytes   int64     `json:"bytes"`
	Problem string    `json:"problem"` // what is wrong with it; "" if it is whole

	// Unchecked are the tables that cannot be checked without what only their
	// application adds to SQLite: a collation, function, module or tokenizer.
	Unchecked []string `json:"unchecked,omitempty"`

	// Origin is the database that it was made of, by its resolved path; "" if that
	// is not known. Foreign: it is another one than that asked for.
	Origin  string `json:"origin"`
	Foreign bool   `json:"foreign"`

	// Unsure: when it was made, another file was at the path of the Database: one
	// that this has replaced, or the database of another container.
	Unsure bool `json:"unsure"`
}

// Restored is what RestoreDB did.
type Restored struct {
	Path    string `json:"path"`             // of the database
	From    string `json:"from"`             // the backup
	Version int    `json:"version"`          // of the database now; -1 if it is unversioned
	Origin  string `json:"origin,omitempty"` // the database that the backup was chosen for though it is of this one, which is gone
	Kept    string `json:"kept,omitempty"`   // copy of what was there; "" if nothing was
}

// RestoreDB makes the content of the database db that of backup, in one
// transaction: also after a crash it is the old or the new as a whole, others
// may have it open, and the file stays the same one. The backup is checked as a
// whole first, and is only read. What was there is kept as another backup, or
// if it is too damaged for that, as a plain copy of its files, named
// db.YYYYMMDD_HHMMSS.damaged; Options.Logger is told so. A database that does not
// exist is created, for no more people to read than the backup. If backup is "",
// it is the newest of the database's backups that is whole, or if there are only
// some of one other database that is gone, the newest of those.
//
// Errors: fs.ErrNotExist, ErrNotDatabase and ErrCorrupt of the backup; ErrUncertain
// if it is not certain which is the newest, or which are of the database; ErrRefused
// if it is the database itself, or if their pages differ in size and the
// database is in WAL mode; ErrBusy, ErrReadOnly, fs.ErrPermission, and what the
// disk says. After any of them the database is as it was.
func RestoreDB(ctx context.Context, backup, db string, o Options) (r Restored, err error) {
	defer Wrap(&err, "restore", db)
	d, err := upgrade.New(ctx, db, o.Config())
	if err != nil {
		return Restored{Path: db, From: backup, Version: -1}, err
	}
	defer d.Watched()()
	done, err := d.Vault().Restore(ctx, backup)
	return Restored(done), err
}
