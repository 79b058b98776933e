// Package attach gives the statements of a rehearsed migration, as ATTACH and VACUUM INTO,
// copies of the files that they open beside the database.
//
// The invariant: a statement that gets a path from [File] opens no original, and where it
// gets an error, the run itself would fail too.
package attach

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/standin"
)

// Redirects reports whether the statements of d get copies, from the [file.Place] of a
// trial that is sealed.
func Redirects(d *file.DB) bool { return d.Sealed() && d.Redirected() }

// File returns the file to open for a statement that opens the absolute path, which it
// calls name. A path beside a private file, as SQL learns it from PRAGMA database_list, is
// one beside its original. Errors: a [syscall.Errno] if SQLite could not open or make the
// file itself; [fault.ErrRefused] if it cannot be copied; those of the [file.Place].
func File(ctx context.Context, d *file.DB, name, path string) (string, error) {
	if path == d.Path {
		return path, nil
	}
	for _, dir := range d.Place().Originals(filepath.Dir(path)) {
		path = filepath.Join(dir, filepath.Base(path))
		break
	}
	if twin := StandIn(d, path); twin != path {
		return twin, nil
	}
	if err := openable(path); err != nil {
		return "", err
	}
	twin, err := d.Place().Database(ctx, file.Target{Name: name, Shown: name, Path: path, Config: d.Config})
	if err != nil && ctx.Err() == nil {
		err = fault.Of(err, "%s cannot be copied for the rehearsal: %v", name, err)
	}
	return twin, err
}

// StandIn returns the copy that currently replaces the file at path, or path itself if
// there is none.
func StandIn(d *file.DB, path string) string {
	var list standin.List
	for original, twin := range d.Place().Databases() {
		list.Add(original, twin)
	}
	return cmp.Or(list.TwinOf(path), path)
}

// Original is the file for which a copy stands; the path itself if it is none.
func Original(d *file.DB, path string) string {
	for original, twin := range d.Place().Databases() {
		if twin == path {
			return original
		}
	}
	return path
}

// Unwritable reports why an original, whose copy can be written to, can only be read; nil
// if it can be written to, does not exist, or statements get no copies.
func Unwritable(d *file.DB, original string) error {
	if !Redirects(d) || !file.Present(original) {
		return nil
	}
	return d.WithPath(original).Unwritable()
}

// openable reports why SQLite cannot open or make the file at path, or why it cannot be
// copied.
func openable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		dir, err := os.Stat(filepath.Dir(path))
		switch {
		case err != nil:
			return err
		case !dir.IsDir():
			return syscall.ENOTDIR
		case file.Writable(filepath.Dir(path)) != nil: // SQLite then tries to read it
			return syscall.ENOENT
		}
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return syscall.EISDIR
	case !info.Mode().IsRegular():
		return fault.Of(fault.ErrRefused, "%s is not a regular file, so a rehearsal cannot copy it", path)
	}
	return file.Readable(path)
}
