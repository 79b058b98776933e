package core

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
)

// BackupDB makes a consistent copy of the database at path, while others write
// to it: path.YYYYMMDD_HHMMSS.backup, in local time, or in Options.BackupDir. If
// path is a symbolic link, the copy lies beside the file that it leads to, and has
// that file's name. It has its name only once it is complete, checked and on disk, no more people may
// read it than the database, and it never replaces a file. Its database and the
// time are recorded in a list beside it, .backups.fastmigrate. A backup that fails
// leaves nothing; one that succeeds removes older ones as Options.Keep says.
// Errors: those of Version but ErrUnversioned, and what the disk says.
func BackupDB(ctx context.Context, path string, o Options) (b Backup, err error) {
	defer wrap(&err, "backup", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return b, err
	}
	defer d.Watched()()
	v := d.vault()
	if b, err = v.backup(ctx); err == nil {
		v.prune(ctx, b)
	}
	return b, err
}

// Backups lists the backups of the database at path, which may be gone, the
// newest first: those beside it, or in Options.BackupDir, and all that have the
// name of one there though they are of another. If path is a symbolic link, it
// lists those named after the link too, as version 0.1 named them. Each is read
// and checked as a whole, and none is changed.
func Backups(ctx context.Context, path string, o Options) (list []BackupFile, err error) {
	defer wrap(&err, "list", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return nil, err
	}
	defer d.Watched()()
	v := d.vault()
	found, err := v.backups(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range found {
		v.fits(b)
	}
	sortBackups(found)
	for _, b := range found {
		s, err := v.checked(ctx, b)
		if err != nil {
			return nil, err
		}
		if s != nil {
			s.conn.Close()
		}
		list = append(list, *b)
	}
	return list, nil
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
	defer wrap(&err, "restore", db)
	r = Restored{Path: db, From: backup, Version: -1}
	d, err := newDatabase(ctx, db, o)
	if err != nil {
		return r, err
	}
	defer d.Watched()()
	v := d.vault()
	from, origin, err := v.source(ctx, backup)
	if err != nil {
		return r, err
	}
	defer from.conn.Close()
	from.Partly(from.left)
	r.Origin = origin
	r.From, r.Version = from.Name, from.version
	if _, err := os.Stat(d.Path); errors.Is(err, fs.ErrNotExist) {
		r.Kept, err = v.createFrom(ctx, from)
		if !errors.Is(err, fs.ErrExist) { // else another process was faster
			return r, fault.WithoutPath(err)
		}
	}
	for range 3 {
		if r.Kept, err = v.replaceBy(ctx, from); !errors.Is(err, file.ErrOvertaken) {
			break
		}
	}
	return r, err
}
