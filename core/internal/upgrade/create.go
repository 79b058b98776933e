// A new database. The invariant: no one ever sees one without its version.

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

// Create makes an empty database at version 0, and the directories above it. If one
// exists, it stays as it is, and its version is returned.
func Create(ctx context.Context, path string, opts Config) (version int, created bool, err error) {
	d, err := New(ctx, path, opts)
	if err != nil {
		return 0, false, err
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return 0, false, errors.New("the path of the database ends like that of a directory")
	}
	if err := d.CheckLink(); err != nil {
		return 0, false, err
	}
	if _, err := files.MakeDirs(filepath.Dir(d.Path), 0o777); err != nil {
		return 0, false, err
	}
	if !file.Present(d.Path) {
		if left := d.PendingLog(); left != "" && !file.Present(d.Path) { // else another process was faster
			return 0, false, fault.Of(fault.ErrRefused, "%s is left over from a database that is gone, and SQLite would take it for part of the new one: move it away", left)
		}
		err := d.createFile(ctx)
		if err == nil {
			return 0, true, nil
		}
		if !errors.Is(err, fs.ErrExist) { // else another process was faster
			return 0, false, fault.WithoutPath(err)
		}
	}
	c, err := d.OpenRecover(ctx)
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

// initEmpty gives an empty database, open on c, the version 0, and reports whether it did:
// another process may have been faster. The file stays the same, as it may be mounted.
func (d *Database) initEmpty(c *sqlite.Conn) (done bool, err error) {
	if err := d.Unwritable(); err != nil {
		return false, err
	}
	return done, d.Transact(c, func() error {
		_, err := d.Version(c)
		if done = errors.Is(err, fault.ErrEmpty); !done {
			return nil
		}
		return createMeta(c, 0)
	})
}

// createMeta creates the table _meta with a version.
func createMeta(c *sqlite.Conn, version int) error {
	if err := c.Exec(file.CreateMeta); err != nil {
		return err
	}
	return c.Exec("INSERT INTO main._meta (id, version) VALUES (1, ?)", version)
}

// createFile creates the database under another name, and then gives it its own. The
// error is fs.ErrExist if another process was faster.
func (d *Database) createFile(ctx context.Context) error {
	temp, err := file.Temporary(d.Path, 0o644)
	if err != nil {
		return err
	}
	defer file.Discard(temp)
	c, err := sqlite.Open(ctx, temp, sqlite.ReadWrite, 0)
	if err != nil {
		return d.Diagnose(err)
	}
	defer c.Close()
	err = d.Transact(c, func() error { return createMeta(c, 0) })
	if err != nil {
		return d.Diagnose(err)
	}
	if err := c.Close(); err != nil {
		return err
	}
	return files.Publish(temp, d.Path)
}
