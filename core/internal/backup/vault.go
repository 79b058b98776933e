// Package backup makes backups of a database, lists them, removes old ones and restores one.
// A [Vault] is a database with its backups.
//
// The invariants: a backup gets its name only once it is complete, checked and on disk, and
// never replaces a file. One is only removed, or chosen without being named, if it is certain
// which database it is of and which is newer. A restore leaves the complete old content or
// the complete new one, and keeps a copy of the old.
package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
)

// Vault is a database with its backups.
type Vault struct {
	*file.DB
	cfg Config
}

// New returns a database with its backups.
func New(d *file.DB, o Config) *Vault { return &Vault{d, o} }

// sibling returns another file as a Vault with the same settings.
func (d *Vault) sibling(ctx context.Context, path string) (*Vault, error) {
	s, err := file.Locate(ctx, path, d.Config)
	if err != nil {
		return nil, err
	}
	s.Watch = d.Watch
	return &Vault{s, d.cfg}, nil
}

// place is where copies of a database are: the beginning of their paths.
type place struct {
	name string // as the caller names it
	path string // absolute, where they really are

	// linked: the copies are named after a symbolic link, which may have led to another
	// database before.
	linked bool
}

// backupPlace returns the place of new copies, and a function that removes the directories
// that had to be made for them.
func (d *Vault) backupPlace() (at place, removeDirs func(), err error) {
	if d.cfg.BackupDir == "" {
		return d.beside(), func() {}, nil
	}
	if at, err = d.under(d.cfg.BackupDir, filepath.Base(d.Path)); err != nil {
		return at, nil, err
	}
	if link, to := file.DanglingLink(filepath.Dir(at.name)); link != "" {
		return at, nil, fault.Of(fs.ErrExist, "the directory of the backups cannot be created: %s is a symbolic link to %s, which does not exist", link, to)
	}
	made, err := files.MakeDirs(filepath.Dir(at.path), 0o700)
	removeDirs = func() { files.RemoveDirs(made) }
	if err != nil {
		removeDirs()
		return at, nil, fmt.Errorf("the directory of the backups cannot be created: %w", err)
	}
	return at, removeDirs, nil
}

// beside returns the place of copies beside the database.
func (d *Vault) beside() place { return place{name: d.Shown, path: d.Path} }

// under returns the place of copies with a name in a directory.
func (d *Vault) under(dir, name string) (place, error) {
	real, err := files.Resolve(dir)
	if err == nil {
		real, err = d.Place().Dir(real)
	}
	return place{name: filepath.Join(dir, name), path: filepath.Join(real, name)}, err
}

const dateSuffix = ".20060102_150405"

// publishDated gives the finished file at temp the name of the place with the current time
// and kind, and returns the suffix. If the name of a second is taken, it uses the next one.
func (at place) publishDated(temp, kind string) (suffix string, err error) {
	for t := time.Now(); ; t = t.Add(time.Second) {
		suffix := t.Format(dateSuffix) + kind
		if err := files.Publish(temp, at.path+suffix); !errors.Is(err, fs.ErrExist) {
			return suffix, err
		}
	}
}

// taken reports whether a file has the name, in its directory or in the original of it.
func (d *Vault) taken(path string) bool {
	dir := filepath.Dir(path)
	return slices.ContainsFunc(append(d.Place().Originals(dir), dir), func(dir string) bool { return file.Present(filepath.Join(dir, filepath.Base(path))) })
}

// origin returns the path by which the list knows the database.
func (d *Vault) origin() string { return cmp.Or(d.Original, d.Path) }
