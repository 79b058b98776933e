package startest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/starlark/discover"
)

// project is where tests are. Its paths are absolute.
type project struct {
	here       string // the working directory
	dir        string // load() stays within it
	migrations string
	db         string // "" if none was named
	file       string // the Fastmigratefile; "" if there is none
	trust      bool
}

// findProject is the directory of the Fastmigratefile above the migrations, or
// else the one that holds them.
func findProject(migrations string) (*project, error) {
	here, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	if migrations, err = filepath.Abs(migrations); err != nil {
		return nil, err
	}
	p := &project{here: here, dir: filepath.Dir(migrations), migrations: migrations}
	file, err := discover.Find(p.dir)
	if err == nil {
		p.dir, p.file = filepath.Dir(file), file
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return p, nil
}

// own is the directory of the project without the files of others, where it was
// found above the working directory and the one that holds the migrations.
func (p *project) own(fsys fs.FS) fs.FS {
	rel, err := filepath.Rel(p.here, p.dir)
	if p.trust || err == nil && filepath.IsLocal(rel) || p.dir == filepath.Dir(p.migrations) {
		return fsys
	}
	return discover.Own(fsys, p.shown(p.dir))
}

// shown is a path as a person in the working directory knows it.
func (p *project) shown(path string) string {
	if rel, err := filepath.Rel(p.here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// files lists the tests of a project by their paths from its directory, and where
// it looked.
func (p *project) files() (list, looked []string, err error) {
	take := func(path string) error {
		rel, err := filepath.Rel(p.dir, path)
		if name := filepath.ToSlash(rel); err == nil && !slices.Contains(list, name) {
			list = append(list, name)
		}
		return err
	}
	beside, err := os.ReadDir(p.migrations)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range beside {
		if name := e.Name(); strings.HasSuffix(name, "_test.star") && (name[0] < '0' || name[0] > '9') { // else it is a migration
			if err := take(filepath.Join(p.migrations, name)); err != nil {
				return nil, nil, err
			}
		}
	}
	looked = append(looked, p.migrations)
	for _, dir := range []string{filepath.Join(filepath.Dir(p.migrations), "tests"), filepath.Join(p.dir, "tests")} {
		if slices.Contains(looked, dir) {
			continue
		}
		looked = append(looked, dir)
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.star") {
				return err
			}
			return take(path)
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
	}
	for i, dir := range looked {
		looked[i] = p.shown(dir)
	}
	return list, looked, nil
}
