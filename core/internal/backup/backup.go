package backup

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/process"
)

// Made is a backup that was made, as core's Backup tells it.
type Made struct {
	Path    string
	Version int
	Bytes   int64
	SHA256  string
}

// Backup makes a backup, and removes older ones as is wanted.
func (d *Vault) Backup(ctx context.Context) (b Made, err error) {
	if b, err = d.keep(ctx); err == nil {
		d.prune(ctx, b)
	}
	return b, err
}

// keep makes a backup.
func (d *Vault) keep(ctx context.Context) (b Made, err error) {
	if err := d.Precheck(); err != nil {
		return b, err
	}
	at, unmade, err := d.copies()
	if err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			unmade()
		}
	}()
	temp, err := file.Temporary(at.path, 0o600)
	if err != nil {
		return b, err
	}
	defer file.Discard(temp)
	if err := d.CopyTo(ctx, temp, 0o600); err != nil {
		return b, err
	}
	if err := d.examine(ctx, temp, &b); err != nil {
		return b, err
	}
	if err := file.MatchOwner(temp, d.Path); err != nil {
		return b, err
	}
	return b, d.enter(ctx, at, temp, &b)
}

// Vault is a database with its backups.
type Vault struct {
	*file.DB
	o Config
}

// Of is a database with its backups.
func Of(d *file.DB, o Config) *Vault { return &Vault{d, o} }

// sibling is another file, located and worked on as d is.
func (d *Vault) sibling(ctx context.Context, path string) (*Vault, error) {
	s, err := file.Locate(ctx, path, d.Config)
	if err != nil {
		return nil, err
	}
	s.Watch = d.Watch
	return &Vault{s, d.o}, nil
}

// place is where copies of a database are: what their paths begin with.
type place struct {
	name string // as the caller names it
	path string // absolute, where they really are

	// linked: what was named after a symbolic link may be of a database that it led
	// to before.
	linked bool
}

// copies is where copies of the database have their names, and a function that
// removes the directories that had to be made for them.
func (d *Vault) copies() (at place, unmade func(), err error) {
	if d.o.BackupDir == "" {
		return d.beside(), func() {}, nil
	}
	if at, err = d.under(d.o.BackupDir, filepath.Base(d.Path)); err != nil {
		return at, nil, err
	}
	if link, to := file.DanglingLink(filepath.Dir(at.name)); link != "" {
		return at, nil, fault.Of(fs.ErrExist, "the directory of the backups cannot be made: %s is a symbolic link to %s, which is not there", link, to)
	}
	made, err := files.MakeDirs(filepath.Dir(at.path), 0o700)
	unmade = func() { files.RemoveDirs(made) }
	if err != nil {
		unmade()
		return at, nil, fmt.Errorf("the directory of the backups cannot be made: %w", err)
	}
	return at, unmade, nil
}

// beside is the place of copies beside the database.
func (d *Vault) beside() place { return place{name: d.Shown, path: d.Path} }

// under is the place of copies with a name in a directory.
func (d *Vault) under(dir, name string) (place, error) {
	real, err := files.Resolve(dir)
	if err == nil {
		real, err = d.Place().Dir(real)
	}
	return place{name: filepath.Join(dir, name), path: filepath.Join(real, name)}, err
}

const dated = ".20060102_150405"

// publishDated gives the finished file at temp the name of the place, the time
// now and kind, and returns what was added to the name. A second that is taken
// has the next one used.
func (at place) publishDated(temp, kind string) (suffix string, err error) {
	for t := time.Now(); ; t = t.Add(time.Second) {
		suffix := t.Format(dated) + kind
		if err := files.Publish(temp, at.path+suffix); !errors.Is(err, fs.ErrExist) {
			return suffix, err
		}
	}
}

// enter gives the finished backup at temp its name and its line in the list. One
// that cannot have a line is there all the same.
func (d *Vault) enter(ctx context.Context, at place, temp string, b *Made) error {
	l, unlisted := d.lockList(ctx, filepath.Dir(at.path), d.Path)
	if unlisted == nil {
		defer l.Close()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	info, err := os.Stat(temp)
	if err != nil {
		return err
	}
	made := time.Now()
	e := entry{Database: d.origin(), Machine: process.Machine(), Inode: file.Identity(d.origin()), Time: made.UTC(), SHA256: b.SHA256, Bytes: b.Bytes, Modified: info.ModTime().UTC()}
	t := made
	if unlisted == nil {
		t = l.after(made, filepath.Base(at.path))
	}
	for ; ; t = t.Add(time.Second) { // a second that is taken has the next one used
		suffix := t.Format(backupStamp)
		if d.taken(at.path + suffix) {
			continue
		}
		undo := func() {}
		if unlisted == nil {
			e.File = filepath.Base(at.path) + suffix
			undo, unlisted = l.add(e)
		}
		err := files.Publish(temp, at.path+suffix)
		if err != nil && unlisted == nil {
			undo()
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		b.Path = at.name + suffix
		if !d.Redirected() {
			d.o.Hold.Take(at.path + suffix)
		}
		if unlisted != nil {
			d.Log().Warn(fmt.Sprintf("%s: its database and time cannot be recorded in %s beside it: %v", b.Path, filename.Backups, unlisted))
		}
		return nil
	}
}

// taken reports whether a file has the name, where it is or where it seems to be.
func (d *Vault) taken(path string) bool {
	dir := filepath.Dir(path)
	return slices.ContainsFunc(append(d.Place().Originals(dir), dir), func(dir string) bool { return file.Present(filepath.Join(dir, filepath.Base(path))) })
}

// origin is the path by which the list knows the database.
func (d *Vault) origin() string { return cmp.Or(d.Original, d.Path) }

// examine verifies the copy at path, of which b tells. As nothing changes it any
// more, its sum is taken and the disk writes it in the same time.
func (d *Vault) examine(ctx context.Context, path string, b *Made) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var summed, synced error
	var both sync.WaitGroup
	both.Go(func() { b.SHA256, b.Bytes, summed = sum(f) })
	both.Go(func() { synced = f.Sync() })
	b.Version, err = d.verify(ctx, path)
	if err != nil {
		f.Close() // which ends the sum
	}
	both.Wait()
	return cmp.Or(err, summed, synced)
}

// verify reports damage in the copy at path, which it leaves as it is, and gives
// its version, or -1.
func (d *Vault) verify(ctx context.Context, path string) (int, error) {
	copied := d.WithPath(path)
	c, err := copied.OpenRead(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	left, err := copied.Intact(c)
	if err != nil {
		return 0, err
	}
	copied.WarnUnchecked(left)
	return copied.VersionIfAny(c)
}

func sum(r io.Reader) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
