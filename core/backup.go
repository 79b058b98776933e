package core

import (
	"context"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/upgrade"
)

// Backup is a copy of a database that [BackupDB] made.
type Backup struct {
	Path    string `json:"path"`
	Version int    `json:"version"` // of the database; -1 if it is unversioned
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"` // of the file, in hexadecimal
}

// BackupDB makes a consistent copy of the database at path, even while others write to
// it: path.YYYYMMDD_HHMMSS.backup, in local time, or a file of that name in
// Options.BackupDir. If path is a symbolic link, the backup is named after the file it
// leads to, and lies beside it. It gets its name once it is complete, checked and on disk;
// it never replaces a file, and it gets the permissions of the database at most. A list
// beside it, .backups.fastmigrate, records its database and time. A backup that fails
// leaves nothing behind; one that succeeds removes older ones as Options.Keep says.
// Errors: those of [Version] except ErrUnversioned, and those of the disk.
func BackupDB(ctx context.Context, path string, o Options) (b Backup, err error) {
	defer Wrap(&err, fault.OpBackup, path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return b, err
	}
	defer d.ReportProgress()()
	made, err := d.Vault().Backup(ctx)
	return Backup(made), err
}

// Backups lists the backups of the database at path, the newest first: those beside it, or
// in Options.BackupDir, including those that are named like its backups but are of another
// database. The database itself may be gone. If path is a symbolic link, backups named
// after the link are listed too, as version 0.1 named them so. Each backup is read and
// checked completely, and none is changed.
func Backups(ctx context.Context, path string, o Options) (list []BackupFile, err error) {
	defer Wrap(&err, fault.OpList, path)
	d, err := upgrade.New(ctx, path, o.Config())
	if err != nil {
		return nil, err
	}
	defer d.ReportProgress()()
	all, err := d.Vault().List(ctx)
	for _, b := range all {
		list = append(list, BackupFile(b))
	}
	return list, err
}

// BackupFile is a backup that exists.
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

	// Unsure: when it was made, another file was at the path of the database: one
	// that this has replaced, or the database of another container.
	Unsure bool `json:"unsure"`
}

// Restored is what [RestoreDB] did.
type Restored struct {
	Path    string `json:"path"`             // of the database
	From    string `json:"from"`             // the backup
	Version int    `json:"version"`          // of the database now; -1 if it is unversioned
	Origin  string `json:"origin,omitempty"` // the database that the backup was chosen for though it is of this one, which is gone
	Kept    string `json:"kept,omitempty"`   // copy of what was there; "" if nothing was
}

// RestoreDB replaces the content of the database db by that of backup, in one transaction:
// even after a crash the database has the old content or the new. The file stays the same
// one, and others may have it open. The backup is checked completely before, and only
// read. The old content is kept as another backup or, if it is too damaged for that, as
// plain copies of its files, named db.YYYYMMDD_HHMMSS.damaged; Options.Logger is told. A
// database that does not exist is created, with the permissions of the backup at most. If
// backup is "", the newest intact backup of the database is restored or, if there are only
// backups of one other database that is gone, the newest of those.
//
// Errors: fs.ErrNotExist, ErrNotDatabase and ErrCorrupt of the backup; fault.ErrUncertain if
// it is not certain which backup is the newest, or which are of the database; ErrRefused
// if the backup is the database itself, or if their page sizes differ and the database is
// in WAL mode; ErrBusy, ErrReadOnly, fs.ErrPermission, and those of the disk. After any
// error the database is as it was.
func RestoreDB(ctx context.Context, backup, db string, o Options) (r Restored, err error) {
	defer Wrap(&err, fault.OpRestore, db)
	d, err := upgrade.New(ctx, db, o.Config())
	if err != nil {
		return Restored{Path: db, From: backup, Version: -1}, err
	}
	defer d.ReportProgress()()
	done, err := d.Vault().Restore(ctx, backup)
	return Restored(done), err
}

// Hold keeps the backups that are made with it from being removed by the Keep of
// another, until it is closed or its process ends, however that happens. The zero
// value is ready; it may be shared by calls that run concurrently, and must not be
// copied.
type Hold = file.Hold
