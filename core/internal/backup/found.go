// The backups that exist, and whose they are.

package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/process"
)

// File is a backup that is there, with the fields of core.BackupFile.
type File struct {
	Path      string
	Time      time.Time
	Version   int
	Bytes     int64
	Problem   string
	Unchecked []string
	Origin    string
	Foreign   bool
	Unsure    bool
}

// found is an existing backup with its known properties.
type found struct {
	File
	place    place
	at       string    // where it is, if it is not in the original of its directory
	modified time.Time // the file
	entry    *entry    // its line in the list; nil if there is none
	span     span      // when it was made
	away     bool      // Origin is on another machine
}

// isOwn reports whether it is certainly of the database of the Vault.
func (b *found) isOwn() bool { return b.Origin != "" && !b.Foreign && !b.Unsure }

// List returns the backups, newest first, after checking each completely.
func (d *Vault) List(ctx context.Context) (list []File, err error) {
	found, err := d.backups(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range found {
		d.matchesEntry(b)
	}
	sortBackups(found)
	for _, b := range found {
		s, err := d.openChecked(ctx, b)
		if err != nil {
			return nil, err
		}
		if s != nil {
			s.conn.Close()
		}
		list = append(list, b.File)
	}
	return list, nil
}

// openChecked opens a backup that is whole. For another it returns nil, and b has the
// problem.
func (d *Vault) openChecked(ctx context.Context, b *found) (*openBackup, error) {
	b.Version, b.Problem = -1, ""
	source, err := d.sibling(ctx, b.Path)
	if err != nil {
		return nil, err
	}
	if err := d.replaceable(source); err != nil {
		return nil, err
	}
	s, err := source.openWhole(ctx)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		b.Problem = file.OneLine(err)
		return nil, nil
	}
	b.Version, b.Unchecked = s.version, nil
	for _, u := range s.left {
		b.Unchecked = append(b.Unchecked, u.Table)
	}
	return s, nil
}

// backups returns the files with the name of a backup of the database, the newest first, as
// far as their order is known.
func (d *Vault) backups(ctx context.Context) (list []*found, err error) {
	places, err := d.backupPlaces()
	if err != nil {
		return nil, err
	}
	for i, at := range places {
		found, err := d.backupsAt(ctx, at)
		if err != nil && i == 0 {
			return nil, err
		}
		list = append(list, found...)
	}
	sortBackups(list)
	return list, nil
}

// backupPlaces returns where backups of the database may be: where it has them now, and if
// the caller names a symbolic link to it, where version 0.1 put them.
func (d *Vault) backupPlaces() (list []place, err error) {
	at := d.beside()
	if d.cfg.BackupDir != "" {
		if at, err = d.under(d.cfg.BackupDir, filepath.Base(d.Path)); err != nil {
			return nil, err
		}
	}
	list = []place{at}
	if d.Link == "" {
		return list, nil
	}
	link, err := d.under(cmp.Or(d.cfg.BackupDir, filepath.Dir(d.Name)), filepath.Base(d.Link))
	if link.linked = true; err == nil && link.path != at.path {
		list = append(list, link)
	}
	return list, err
}

func (d *Vault) backupsAt(ctx context.Context, at place) (list []*found, err error) {
	dir, base := filepath.Split(at.path)
	files, err := d.Place().ReadDir(filepath.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Of(fs.ErrNotExist, "there is no directory %s", filepath.Dir(at.name))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Dir(at.name), fault.WithoutPath(err))
	}
	entries, unread := d.entriesAt(filepath.Clean(dir))
	if unread != nil {
		d.Log().Warn(fmt.Sprintf("%s: it is not known which databases the backups belong to: %v", filepath.Join(filepath.Dir(at.name), filename.Backups), unread))
	}
	for _, f := range files {
		stamp, ok := strings.CutPrefix(f.Name(), base)
		if !ok || !isBackupSuffix(stamp) || !f.Type().IsRegular() {
			continue
		}
		info, err := f.Info()
		if err != nil { // gone meanwhile
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		b := &found{File: File{Path: at.name + stamp, Bytes: info.Size()}, place: at, at: at.path + stamp, modified: info.ModTime()}
		entry, clear := d.entryOf(b, f.Name(), entries)
		d.attribute(b, entry, clear && unread == nil)
		list = append(list, b)
	}
	return list, nil
}

// entriesAt reads the list of a directory; if it stands for another, that one's
// first, which its own may begin with.
func (d *Vault) entriesAt(dir string) (list []*entry, err error) {
	originals := d.Place().Originals(dir)
	if originals == nil {
		return readList(dir)
	}
	for _, dir := range append(originals, dir) {
		more, err := readList(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range more {
			if !slices.ContainsFunc(list, func(o *entry) bool { return o.File == e.File && o.Time.Equal(e.Time) }) {
				e.line = len(list)
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// entryOf returns the line of a backup, or nil. A file that is not as its line says gets the
// first line with its content: someone may have renamed or copied it. Clear is false if
// backups of several databases have that content.
func (d *Vault) entryOf(b *found, file string, entries []*entry) (found *entry, clear bool) {
	similar := false
	for _, e := range slices.Backward(entries) {
		if e.Bytes != b.Bytes {
			continue
		}
		similar = true
		if e.File == file && e.Modified.Equal(b.modified) {
			return e, true
		}
	}
	if !similar {
		return nil, true
	}
	sum, err := d.checksumOf(b)
	if err != nil {
		return nil, true
	}
	clear = true
	for _, e := range entries {
		switch {
		case e.SHA256 != sum:
		case e.File == file:
			return e, true
		case found == nil:
			found = e
		case found.Database != e.Database || found.Machine != e.Machine:
			clear = false
		}
	}
	if !clear {
		found = nil
	}
	return found, clear
}

// checksumOf returns the checksum of a backup.
func (d *Vault) checksumOf(b *found) (string, error) {
	path := b.at
	if !file.Present(path) { // it is in the original of its directory
		path = b.Path
	}
	f, err := file.OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, _, err := checksum(f)
	return sum, err
}

// matchesEntry reports whether the content of a backup is the one in its line of the list.
// If not, the line is of another file, and b loses it.
func (d *Vault) matchesEntry(b *found) bool {
	if b.entry != nil {
		if sum, err := d.checksumOf(b); err != nil || sum != b.entry.SHA256 {
			d.attribute(b, nil, true)
			return false
		}
	}
	return true
}

// attribute sets of which database a backup is and when it was made, by its line e. Without
// a line, it belongs to the database beside which it lies; elsewhere it may be of any
// database with that name. Known is false if the list has several lines for it.
func (d *Vault) attribute(b *found, e *entry, known bool) {
	b.entry, b.Origin, b.Foreign, b.Unsure, b.away = e, "", false, false, false
	mine := d.origin()
	if e != nil {
		b.Origin = e.Database
		b.away = e.Machine != "" && process.Machine() != "" && e.Machine != process.Machine()
		b.Foreign = b.away || e.Database != mine
		now := file.Identity(mine)
		b.Unsure = !b.Foreign && e.Inode != "" && now != "" && e.Inode != now && b.listDir() != filepath.Dir(d.Path)
		b.Time, b.span = e.Time.UTC(), span{e.Time, e.Time}
		if e.File == filepath.Base(b.at) {
			return
		}
		// A tool that keeps no list may have backed up the same content again.
		if at, made := timeOfName(strings.TrimPrefix(b.at, b.place.path), b.modified); made.from.Equal(made.to) {
			b.Time, b.span, b.entry = at, made, nil
		}
		return
	}
	b.Time, b.span = timeOfName(strings.TrimPrefix(b.at, b.place.path), b.modified)
	switch there := d.standsAt(b.place); {
	case !known, b.place.linked:
	case d.cfg.BackupDir == "" || there == mine:
		b.Origin = mine
	case there != "":
		b.Origin, b.Foreign = there, true
	}
}

// standsAt returns the database that has the name of the place; "" if there is none.
func (d *Vault) standsAt(at place) string {
	path, err := filepath.Abs(at.name)
	if err != nil {
		return ""
	}
	real, err := files.Resolve(path)
	if err != nil || real != d.origin() && !file.Present(real) {
		return ""
	}
	return real
}
