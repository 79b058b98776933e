// Where the files of a rehearsal are: each directory that it touches has a private
// counterpart.

package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/temp"
)

// place is a Rehearsal as a [file.Place].
type place struct{ *Rehearsal }

// Databases returns the copies, by their originals.
func (r place) Databases() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := map[string]string{}
	for _, t := range r.twins {
		list[t.original] = t.path
	}
	return list
}

// TempDir makes a directory for a program beside the copies.
func (r place) TempDir(string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return os.MkdirTemp(r.temp, "program-*")
}

// Dir returns the private counterpart of the directory at a resolved path.
func (r place) Dir(real string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.directory(real)
}

// Originals returns the directories whose private counterpart is dir.
func (r place) Originals(dir string) (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for real, private := range r.dirs {
		if private == dir {
			list = append(list, real)
		}
	}
	return list
}

// Files returns a private copy of a directory: of its files, but not of databases, which
// Database copies, nor of directories.
func (r place) Files(path string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	real, err := files.Resolve(path)
	if err != nil {
		return "", err
	}
	dir, err := r.directory(real)
	if err != nil || r.whole[real] {
		return dir, err
	}
	taken := func(to string) bool { return file.Present(to) || r.removed[to] }
	if err := files.CopyPlain(real, dir, taken); err != nil {
		return "", err
	}
	r.whole[real] = true
	return dir, nil
}

// Database returns the private copy of a database, and makes it at the first call.
func (r place) Database(ctx context.Context, target file.Target) (path string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	original := target.Path
	dir, err := r.directory(filepath.Dir(original))
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, filepath.Base(original))
	info, err := os.Stat(original)
	if path == original {
		return path, nil
	}
	for _, t := range r.twins {
		if t.path == path || err == nil && t.info != nil && os.SameFile(t.info, info) {
			return t.path, nil
		}
	}
	if file.Present(path) || r.removed[path] { // made by what was rehearsed
		return path, nil
	}
	if err == nil && !info.Mode().IsRegular() { // the caller refuses it, and never changes it
		return original, nil
	}
	t := &twin{name: target.Name, shown: target.Shown, path: path, original: original}
	if to, err := os.Readlink(original); err == nil && info == nil { // one that leads nowhere
		if err := os.Symlink(to, path); err != nil {
			return "", err
		}
	}
	if err == nil {
		t.info = info
		d := openable(target)
		if why := d.Unwritable(); why != nil {
			d.Log().Warn(fmt.Sprintf("%s can be rehearsed, but not changed: %v", d.Name, why))
		}
		if err := copyAside(ctx, d, path); err != nil {
			file.Discard(path)
			if errors.Is(err, syscall.ENOSPC) {
				err = fault.Of(syscall.ENOSPC, "no room for a private copy in %s: %v (%s names another directory)", filepath.Dir(r.temp), err, temp.Variable)
			}
			return "", err
		}
		if t.before, err = t.readContent(ctx, d.Config, countRows, nil, nil); err != nil {
			return "", err
		}
	}
	r.twins = append(r.twins, t)
	return path, nil
}

// ReadDir lists a directory as it would be after what was rehearsed, what was made there
// and what is in the original. Dir is its private counterpart.
func (r place) ReadDir(dir string) ([]fs.DirEntry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, err := os.ReadDir(dir)
	for real, private := range r.dirs {
		if private != dir || err != nil {
			continue
		}
		originals, missing := os.ReadDir(real)
		if missing != nil && !errors.Is(missing, fs.ErrNotExist) {
			return nil, missing
		}
		for _, e := range originals {
			if at := filepath.Join(dir, e.Name()); !file.Present(at) && !r.removed[at] {
				list = append(list, e)
			}
		}
	}
	return list, err
}

// Remove marks a file as removed, whose private counterpart is at path.
func (r place) Remove(path string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed[path] = true
	return os.Remove(path)
}
