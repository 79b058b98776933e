// Where a database is. SQLite keeps the -wal, the -shm and the -journal beside
// the file itself, not beside a symbolic link to it. The invariant: links are
// followed once, here, and every other path derives from what they lead to.

package core

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// locate finds the file that the database's name leads to.
func (d *database) locate() (err error) {
	if d.path, err = resolved(d.name); err != nil {
		return err
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
	dir, err := resolved(filepath.Dir(abs))
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

// resolved is the absolute path without symbolic links, as far as there is
// something at it: two names of one place are one. A .. is taken as the system
// takes it, from the directory that a link leads to.
func resolved(path string) (string, error) {
	abs, err := absolute(path)
	if err != nil {
		return "", err
	}
	for at, rest := abs, ""; ; {
		if at = strings.TrimRight(at, separators); at == filepath.VolumeName(at) {
			return filepath.Clean(abs), nil
		}
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest), nil
		}
		dir, base := filepath.Split(at)
		if base == "." || base == ".." { // of what is not there
			return resolved(filepath.Clean(abs))
		}
		at, rest = dir, filepath.Join(base, rest)
	}
}

// twoNames reports another name of the file, a hard link in its directory, beside
// which transactions are that SQLite does not find by this name
// (https://sqlite.org/howtocorrupt.html, 2.5): it would read, and write, what is
// without them.
func (d *database) twoNames(info fs.FileInfo) error {
	if links(info) < 2 {
		return nil
	}
	dir, name := filepath.Split(d.path)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrPermission) { // what is in it cannot be known
		return nil
	}
	for _, e := range entries {
		if same, err := e.Info(); e.Name() == name || err != nil || !os.SameFile(info, same) {
			continue
		}
		other := &database{path: dir + e.Name(), shown: filepath.Join(filepath.Dir(d.shown), e.Name())}
		if left := other.leftover(); left != "" {
			return &Reason{Key: OtherName, Name: other.shown, Detail: left,
				err: sayf(ErrRefused, "is the same file as %s (a hard link), and what is in %s is not found by this name", other.shown, left)}
		}
	}
	return err
}
