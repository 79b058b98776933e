// Files that a call writes and takes back if it fails.

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

// NewFiles are files that were written and directories that were made for them, in the
// order in which they can be removed.
type NewFiles []string

// Put writes a file, unless it is there with the same text: it may be what an
// interrupted call has left, or another process wrote at the same moment.
func (w *NewFiles) Write(ctx context.Context, path string, text []byte) error {
	made, err := files.MakeDirs(filepath.Dir(path), 0o777)
	*w = append(made, *w...)
	if err != nil {
		return err
	}
	err = file.WriteNew(path, text, 0o644)
	if err == nil {
		*w = append(NewFiles{path}, *w...)
	} else if there, e := input.File(ctx, path, input.Migration); errors.Is(err, fs.ErrExist) && e == nil && plan.Checksum(there) == plan.Checksum(text) {
		return nil
	}
	return err
}

// Withdraw removes what was written for a database that did not get its version after
// all: under the lock, as another process may have given it the version meanwhile, with
// these same files.
func (d *Database) Withdraw(c *sqlite.Conn, w NewFiles) {
	if len(w) == 0 {
		return
	}
	c.Uninterrupted(func() error {
		return d.Transact(c, func() error {
			if err := d.CheckUnversioned(c); err != nil {
				return err
			}
			for _, path := range w {
				os.Remove(path)
			}
			return session.ErrStop // nothing is written
		})
	})
}
