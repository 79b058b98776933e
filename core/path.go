// Where a database is. SQLite keeps the -wal, the -shm and the -journal beside
// the file itself, not beside a symbolic link to it. The invariant: links are
// followed once, here, and every other path derives from what they lead to.

package core

import (
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/core/internal/files"
)

// locate finds the file that the database's name leads to.
func (d *database) locate() (err error) {
	if d.path, err = files.Resolve(d.name); err != nil {
		return cause(err)
	}
	d.shown = strings.TrimRight(d.name, separators)
	abs, err := filepath.Abs(d.name)
	if err != nil || abs == d.path {
		return err
	}
	if named, err := os.Stat(d.name); err == nil { // else whoever opens it says why
		if found, err := os.Stat(d.path); err != nil || !os.SameFile(named, found) { // as through /proc/1/root
			return sayf(ErrRefused, "is reached through a link that cannot be followed: it is not %s", d.path)
		}
	}
	dir, err := files.Resolve(filepath.Dir(abs))
	if err != nil {
		return err
	}
	if link := filepath.Join(dir, filepath.Base(abs)); link != d.path {
		d.shown = d.path
		if real, err := filepath.EvalSymlinks(link); err == nil && real == d.path {
			d.link = link
		}
	}
	return nil
}
