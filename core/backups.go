package core

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// BackupFile is a backup that is there.
type BackupFile struct {
	Path    string    `json:"path"`
	Time    time.Time `json:"time"`    // in its name
	Version int       `json:"version"` // -1 if it has none, or is not whole
	Bytes   int64     `json:"bytes"`
	Problem string    `json:"problem"` // what is wrong with it; "" if it is whole

	at     string // where it is, in a rehearsal
	linked bool   // it is named after the link that the database's path is
}

// Backups lists the backups of the database at path, which may be gone, the
// newest first: those beside it, or in Options.BackupDir. If path is a symbolic
// link, it lists those named after the link too, as version 0.1 named them. Each is
// read and checked as a whole, and none is changed.
func Backups(ctx context.Context, path string, o Options) (list []BackupFile, err error) {
	defer wrap(&err, "list", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return nil, err
	}
	defer d.watched()()
	if list, err = d.backups(ctx); err != nil {
		return nil, err
	}
	for i := range list {
		b := &list[i]
		b.Version = -1
		source, err := newDatabase(ctx, b.Path, d.o)
		if err != nil {
			return nil, err
		}
		s, err := source.whole(ctx)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			b.Problem = oneLine(err)
			continue
		}
		s.conn.Close()
		b.Version = s.version
	}
	return list, nil
}

// backups lists the files that have the name of a backup of the database, the
// newest first.
func (d *database) backups(ctx context.Context) (list []BackupFile, err error) {
	at := d
	if d.o.BackupDir != "" {
		if at, err = d.in(d.o.BackupDir, filepath.Base(d.path)); err != nil {
			return nil, err
		}
	}
	if list, err = at.listed(); err != nil || d.link == "" {
		return list, err
	}
	dir, base := cmp.Or(d.o.BackupDir, filepath.Dir(d.name)), filepath.Base(d.link)
	if d.o.BackupDir != "" && base == filepath.Base(d.path) { // these are listed
		return list, nil
	}
	if at, err = d.in(dir, base); err != nil {
		return nil, err
	}
	linked, err := at.listed()
	if err != nil {
		return nil, err
	}
	for i := range linked {
		linked[i].linked = true
	}
	list = append(list, linked...)
	slices.SortFunc(list, func(a, b BackupFile) int { return b.Time.Compare(a.Time) })
	return list, nil
}

// listed are the files that have the name of the database, a time and the name of
// a backup, the newest first.
func (d *database) listed() (list []BackupFile, err error) {
	dir, real := filepath.Dir(d.shown), filepath.Dir(d.path)
	readDir := os.ReadDir
	if d.o.Rehearsal != nil {
		readDir = d.o.Rehearsal.entries
	}
	entries, err := readDir(real)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, cause(err))
	}
	name, layout := filepath.Base(d.path), dated+".backup"
	for _, e := range entries {
		stamp, ok := strings.CutPrefix(e.Name(), name)
		if utc, err := time.Parse(layout, stamp); !ok || err != nil || utc.Format(layout) != stamp || !e.Type().IsRegular() {
			continue
		}
		at, err := time.ParseInLocation(layout, stamp, time.Local)
		if err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil { // gone meanwhile
			continue
		}
		list = append(list, BackupFile{Path: filepath.Join(dir, e.Name()), at: filepath.Join(real, e.Name()), Time: at, Bytes: info.Size()})
	}
	slices.SortFunc(list, func(a, b BackupFile) int { return strings.Compare(b.Path, a.Path) })
	return list, nil
}

// prune removes the backups that are older than b but for as many as are to be
// kept. Newer ones belong to another process, which removes what is too old for
// it: together they never remove the newest.
func (d *database) prune(ctx context.Context, b Backup) {
	if d.o.Keep <= 0 {
		return
	}
	list, err := d.backups(ctx)
	left := d.o.Keep
	for _, old := range list {
		// What is named after a link may be of a database that it led to before.
		if old.linked || filepath.Base(old.Path) > filepath.Base(b.Path) {
			continue
		}
		if left--; left >= 0 {
			continue
		}
		remove := os.Remove
		if d.o.Rehearsal != nil {
			remove = d.o.Rehearsal.remove
		}
		if e := remove(old.at); e != nil && err == nil && !os.IsNotExist(e) {
			err = e
		}
	}
	if err != nil {
		d.o.log().Warn("older backups stay: " + err.Error())
	}
}
