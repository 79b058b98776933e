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

// BackupDB makes a consistent copy of the database at path, even while others write to it:
// path.YYYYMMDD_HHMMSS.backup, in local time, or a file of that name in
// [Options.BackupDir]. If path is a symbolic link, the backup is named after the file it
// leads to, and placed beside that. It gets its name once it is complete, checked and on
// disk. It never replaces a file, and its permissions are never wider than those of the
// database. A list beside it, .backups.fastmigrate, records its database and time. A
// backup that fails leaves nothing behind; one that succeeds removes older ones as
// [Options.Keep] says. Errors: those of [Version] except [ErrUnversioned], and those of
// the disk.
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

// Backups lists the backups of the database at path, newest first, from the directory of
// the database or [Options.BackupDir]. It includes files that are named like its backups
// but are of another database. The database itself may be gone. If path is a symbolic
// link, backups named after the link are listed too, because version 0.1 named them that
// way. Each backup is read and checked completely, and none is changed.
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
	Time    time.Time `json:"time"`    // when it was made, in UTC; if that was not recorded, the local time in its name
	Version int       `json:"version"` // -1 if it has none, or is not intact
	Bytes   int64     `json:"bytes"`
	Problem string    `json:"problem"` // what is wrong with it; "" if it is intact

	// Unchecked are the tables that could not be checked, because they need a collation,
	// function, module or tokenizer that only their application adds to SQLite.
	Unchecked []string `json:"unchecked,omitempty"`

	// Origin is the resolved path of the database that was backed up; "" if unknown.
	// Foreign: that is another database than the one asked for.
	Origin  string `json:"origin"`
	Foreign bool   `json:"foreign"`

	// Unsure: when the backup was made, another file was at the path of the database. The
	// database may have replaced that file, or it may be the database of another container.
	Unsure bool `json:"unsure"`
}

// Restored is what [RestoreDB] did.
type Restored struct {
	Path    string `json:"path"`             // of the database
	From    string `json:"from"`             // the backup
	Version int    `json:"version"`          // of the database now; -1 if it is unversioned
	Origin  string `json:"origin,omitempty"` // the database that the backup is of, if that is another one, which is gone
	Kept    string `json:"kept,omitempty"`   // copy of the old content; "" if there was none
}

// RestoreDB replaces the content of the database db by that of backup, in one transaction:
// even after a crash the database has either the old content or the new. The file stays
// the same one, and others may have it open. The backup is checked completely first, and
// is only read. The old content is kept as another backup or, if it is too damaged for
// that, as plain copies of its files, named db.YYYYMMDD_HHMMSS.damaged, with a message to
// [Options.Logger]. A database that does not exist is created, with permissions no wider
// than those of the backup. If backup is "", RestoreDB takes the newest intact backup of
// the database or, if all backups are of one other database that is gone, the newest of
// those.
//
// Errors: fs.ErrNotExist, [ErrNotDatabase] and [ErrCorrupt] of the backup;
// [fault.ErrUncertain] if it is unclear which backup is the newest, or which backups are of
// this database; [ErrRefused] if the backup is the database itself, or if their page sizes
// differ and the database is in WAL mode; [ErrBusy], [ErrReadOnly], fs.ErrPermission, and
// those of the disk. After any error the database is unchanged.
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

// Hold protects the backups that are made with it from the Keep of other calls and
// processes, until it is closed or its process ends in any way. The zero value is ready
// to use. It may be shared by concurrent calls, and must not be copied.
type Hold = file.Hold
