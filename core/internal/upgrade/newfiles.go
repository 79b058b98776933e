// Files that a call writes, and removes if it fails.

package upgrade

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"

	"fastmigrate/core/input"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/plan"
)

// NewFiles are the paths of files that a call wrote and of directories that it made for
// them, in the order in which they can be removed. The zero value is ready.
type NewFiles []string

// Write writes a file and the directories above it. If it exists with the same text, as
// an interrupted call leaves it or another process writes it at the same moment, it stays.
// With another text: fs.ErrExist.
func (w *NewFiles) Write(ctx context.Context, path string, text []byte) error {
	made, err := files.MakeDirs(filepath.Dir(path), 0o777)
	*w = append(made, *w...)
	if err != nil {
		return err
	}
	err = file.WriteNew(path, text, 0o644)
	if err == nil {
		*w = append(NewFiles{path}, *w...)
	} else if there, e := input.File(ctx, path, input.MaxMigration); errors.Is(err, fs.ErrExist) && e == nil && plan.Checksum(there) == plan.Checksum(text) {
		return nil
	}
	return err
}

// Withdraw removes the files that were written for a database that then did not get its
// version. It does so under the lock, as another process may have given it the version
// meanwhile, with these same files.
func (d *Database) Withdraw(c *sqlite.Conn, w NewFiles) {
	if len(w) == 0 {
		return
	}
	c.Uninterrupted(func() error {
		return d.Transact(c, func() error {
			if err := d.checkUnversioned(c); err != nil {
				return err
			}
			for _, path := range w {
				os.Remove(path)
			}
			return session.ErrRollback // nothing is written
		})
	})
}
