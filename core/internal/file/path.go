// Where a database is. SQLite keeps the -wal, the -shm and the -journal beside
// the file itself, not beside a symbolic link to it.

package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/files"
)

// resolve finds the file that Name leads to, and sets Path, Shown and Link.
func (d *DB) resolve() (err error) {
	if d.Path, err = files.Resolve(d.Name); err != nil {
		return fault.WithoutPath(err)
	}
	d.Shown = strings.TrimRight(d.Name, separators)
	abs, err := filepath.Abs(d.Name)
	if err != nil || abs == d.Path {
		return err
	}
	if named, err := os.Stat(d.Name); err == nil { // else opening it reports why
		if found, err := os.Stat(d.Path); err != nil || !os.SameFile(named, found) { // as through /proc/1/root
			return fault.Of(fault.ErrRefused, "is reached through a link that cannot be followed: it is not %s", d.Path)
		}
	}
	dir, err := files.Resolve(filepath.Dir(abs))
	if err != nil {
		return err
	}
	if link := filepath.Join(dir, filepath.Base(abs)); link != d.Path {
		d.Shown = d.Path
		if real, err := filepath.EvalSymlinks(link); err == nil && real == d.Path {
			d.Link = link
		}
	}
	return nil
}

// twoNames reports another name of the file, a hard link in its directory, whose -wal
// or -journal holds transactions: SQLite does not find them by this name, and would
// read and write without them (https://sqlite.org/howtocorrupt.html, 2.5).
func (d *DB) twoNames(info fs.FileInfo) error {
	if LinkCount(info) < 2 {
		return nil
	}
	dir, name := filepath.Split(d.Path)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrPermission) { // the other names cannot be known
		return nil
	}
	for _, e := range entries {
		if same, err := e.Info(); e.Name() == name || err != nil || !os.SameFile(info, same) {
			continue
		}
		other := &DB{Path: dir + e.Name(), Shown: filepath.Join(filepath.Dir(d.Shown), e.Name())}
		if left := other.PendingLog(); left != "" {
			return &fault.Reason{Key: fault.OtherName, Name: other.Shown, Detail: left,
				Err: fault.Of(fault.ErrRefused, "is the same file as %s (a hard link), and SQLite does not find %s under this name", other.Shown, left)}
		}
	}
	return err
}

// Present reports whether there is anything at path, even a symbolic link that leads
// nowhere.
func Present(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
