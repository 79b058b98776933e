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

// New is a database with its backups.
func New(d *file.DB, o Config) *Vault { return &Vault{d, o} }

// sibling is another file, located and worked on as d is.
func (d *Vault) sibling(ctx context.Context, path string) (*Vault, error) {
	s, err := file.Locate(ctx, path, d.Config)
	if err != nil {
		return nil, err
	}
	s.Watch = d.Watch
	return &Vault{s, d.cfg}, nil
}

// place is where copies of a database are: what their paths begin with.
type place struct {
	name string // as the caller names it
	path string // absolute, where they really are

	// linked: what was named after a symbolic link may be of a database that it led
	// to before.
	linked bool
}

// backupPlace is where copies of the database have their names, and a function that
// removes the directories that had to be made for them.
func (d *Vault) backupPlace() (at place, unmade func(), err error) {
	if d.cfg.BackupDir == "" {
		return d.beside(), func() {}, nil
	}
	if at, err = d.under(d.cfg.BackupDir, filepath.Base(d.Path)); err != nil {
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

const dateSuffix = ".20060102_150405"

// publishDated gives the finished file at temp the name of the place, the time
// now and kind, and returns what was added to the name. A second that is taken
// has the next one used.
func (at place) publishDated(temp, kind string) (suffix string, err error) {
	for t := time.Now(); ; t = t.Add(time.Second) {
		suffix := t.Format(dateSuffix) + kind
		if err := files.Publish(temp, at.path+suffix); !errors.Is(err, fs.ErrExist) {
			return suffix, err
		}
	}
}

// taken reports whether a file has the name, where it is or where it seems to be.
func (d *Vault) taken(path string) bool {
	dir := filepath.Dir(path)
	return slices.ContainsFunc(append(d.Place().Originals(dir), dir), func(dir string) bool { return file.Present(filepath.Join(dir, filepath.Base(path))) })
}

// origin is the path by which the list knows the database.
func (d *Vault) origin() string { return cmp.Or(d.Original, d.Path) }
