package core

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"fastmigrate/core/internal/sqlite"
)

// CreateDB makes an empty versioned database at version 0, and the directories
// above it. A versioned database that is there is left alone and its version
// given. Errors: ErrUnversioned and ErrNotDatabase for what else is there,
// fs.ErrPermission.
func CreateDB(ctx context.Context, path string, o Options) (version int, created bool, err error) {
	defer wrap(&err, "create", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return 0, false, err
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return 0, false, errors.New("the path of the database ends as that of a directory does")
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o777); err != nil {
		return 0, false, err
	}
	if err := d.dangles(); err != nil {
		return 0, false, err
	}
	if _, err := os.Lstat(d.path); errors.Is(err, fs.ErrNotExist) {
		err := d.create(ctx)
		if err == nil {
			return 0, true, nil
		}
		if !errors.Is(err, fs.ErrExist) { // else another process was faster
			return 0, false, cause(err)
		}
	}
	c, err := d.read(ctx)
	if err != nil {
		return 0, false, err
	}
	defer c.Close()
	version, err = d.version(c)
	return version, false, err
}

// dangles reports a symbolic link that leads nowhere, in whose place nothing can
// be made.
func (d *database) dangles() error {
	if to, err := os.Readlink(d.path); err == nil {
		if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
			return sayf(fs.ErrExist, "is a symbolic link to %s, which is not there", to)
		}
	}
	return nil
}

// create makes the database under another name first, so that nobody ever sees
// one without its version.
func (d *database) create(ctx context.Context) error {
	f, err := temporary(d.path, 0o644)
	if err != nil {
		return err
	}
	defer discard(f)
	c, err := sqlite.Open(ctx, f, sqlite.ReadWrite, 0)
	if err != nil {
		return d.diagnose(err)
	}
	defer c.Close()
	err = d.transact(c, func() error {
		if err := c.Exec(createMeta); err != nil {
			return err
		}
		return c.Exec("INSERT INTO _meta (id, version) VALUES (1, 0)")
	})
	if err != nil {
		return d.diagnose(err)
	}
	if err := c.Close(); err != nil {
		return err
	}
	return publish(f, d.path)
}

// temporary makes an empty file beside path, with another name, and gives its path.
func temporary(path string, mode fs.FileMode) (string, error) {
	dir := filepath.Dir(path)
	name := filepath.Join(dir, ".fastmigrate-"+rand.Text()[:8]+".tmp")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	switch {
	case errors.Is(err, syscall.EROFS):
		return "", sayf(ErrReadOnly, "%s is on a read-only file system", dir)
	case err != nil:
		return "", fmt.Errorf("no file can be made in %s: %w", dir, cause(err))
	}
	return name, f.Close()
}

// discard removes a temporary file and what SQLite may have put beside it.
func discard(path string) {
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		os.Remove(path + suffix)
	}
}

// publish gives the finished file at temp its name, which must be free, and
// sees to it that file and name survive a loss of power. fs.ErrExist if the
// name is taken.
func publish(temp, name string) error {
	f, err := os.OpenFile(temp, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) { // as the original of a copy may be read only
		f, err = os.Open(temp)
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	f.Close()
	if err != nil {
		return err
	}
	// A link never replaces a file, as a rename would.
	if err := os.Link(temp, name); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		// A file system without links: what is left is to look first.
		if _, err := os.Lstat(name); err == nil {
			return fs.ErrExist
		}
		if err := os.Rename(temp, name); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(name))
}
