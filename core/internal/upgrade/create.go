package upgrade

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
)

// Create makes an empty versioned database, unless one is there.
func Create(ctx context.Context, path string, opts Config) (version int, created bool, err error) {
	d, err := New(ctx, path, opts)
	if err != nil {
		return 0, false, err
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return 0, false, errors.New("the path of the database ends as that of a directory does")
	}
	if err := d.Dangles(); err != nil {
		return 0, false, err
	}
	if _, err := files.MakeDirs(filepath.Dir(d.Path), 0o777); err != nil {
		return 0, false, err
	}
	if !file.Present(d.Path) {
		if left := d.Leftover(); left != "" && !file.Present(d.Path) { // else another process was faster
			return 0, false, fault.Of(fault.ErrRefused, "%s is there, of a database that is gone, and SQLite would take it for a part of the new one: move it away", left)
		}
		err := d.createFile(ctx)
		if err == nil {
			return 0, true, nil
		}
		if !errors.Is(err, fs.ErrExist) { // else another process was faster
			return 0, false, fault.WithoutPath(err)
		}
	}
	c, err := d.ReadOrRepair(ctx)
	if err != nil {
		return 0, false, err
	}
	defer c.Close()
	if version, err = d.Version(c); errors.Is(err, fault.ErrEmpty) {
		if created, err = d.initEmpty(c); err == nil && !created {
			version, err = d.Version(c)
		}
	}
	return version, created, err
}

// initEmpty makes a versioned database of an empty one that is open, and reports whether it did:
// another process may have been faster. The file stays the same one, as it may be
// mounted.
func (d *Database) initEmpty(c *sqlite.Conn) (begun bool, err error) {
	if err := d.Unwritable(); err != nil {
		return false, err
	}
	return begun, d.Transact(c, func() error {
		_, err := d.Version(c)
		if begun = errors.Is(err, fault.ErrEmpty); !begun {
			return nil
		}
		return makeMeta(c)
	})
}

// makeMeta makes a new database a versioned one.
func makeMeta(c *sqlite.Conn) error {
	if err := c.Exec(file.CreateMeta); err != nil {
		return err
	}
	return c.Exec("INSERT INTO main._meta (id, version) VALUES (1, 0)")
}

// createFile makes the database under another name first, so that nobody ever sees
// one without its version.
func (d *Database) createFile(ctx context.Context) error {
	f, err := file.Temporary(d.Path, 0o644)
	if err != nil {
		return err
	}
	defer file.Discard(f)
	c, err := sqlite.Open(ctx, f, sqlite.ReadWrite, 0)
	if err != nil {
		return d.Diagnose(err)
	}
	defer c.Close()
	err = d.Transact(c, func() error { return makeMeta(c) })
	if err != nil {
		return d.Diagnose(err)
	}
	if err := c.Close(); err != nil {
		return err
	}
	return files.Publish(f, d.Path)
}
