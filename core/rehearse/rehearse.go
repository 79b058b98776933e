// A rehearsal does for real, on private copies, what would be done. The
// invariant: with the Options of a Rehearsal, nothing outside of its directory is
// written to.

package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/temp"
)

// Rehearsal has the functions that are given its Options work on a private copy
// of each database that they touch, made when they first do, and removed by
// Close. Messages name the original. The zero value is ready; it may be shared by
// calls that run concurrently, and must not be copied.
type Rehearsal struct {
	// Programs runs .py and .sh migrations too, on the copy. Otherwise they are
	// skipped, count as applied, and Applied.Skipped says what would have run.
	Programs bool

	mu      sync.Mutex
	temp    string            // holds a directory for each that is copied from
	dirs    map[string]string // those, by the original
	whole   map[string]bool   // of those, by the original: that Files copied
	removed map[string]bool   // files that would be gone, by their private path
	copies  []*copied
}

// copied is a database that was touched.
type copied struct {
	name, path string      // of the original; of the copy
	shown      string      // of the original, beside which its other files are
	original   string      // where it is
	info       fs.FileInfo // of the original; nil if there was none
	before     *content
	rehearsal
}

// Options gives o, changed so that what is given it is done to the copies.
func (r *Rehearsal) Options(o core.Options) core.Options {
	o.Observer = observer{r}
	o.Trial = &file.Trial{Originals: file.OriginalsOf(o.Trial), Place: places{r}, Sealed: true, SkipPrograms: !r.Programs}
	return o
}

// Of is the Rehearsal that gave these Options; nil: none did.
func Of(o core.Options) *Rehearsal {
	r, _ := file.PlaceOf(o.Trial).(places)
	return r.Rehearsal
}

// Close removes the copies.
func (r *Rehearsal) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.temp == "" {
		return nil
	}
	defer func() { r.temp, r.dirs, r.whole, r.removed, r.copies = "", nil, nil, nil, nil }()
	return os.RemoveAll(r.temp)
}

// Where is the private counterpart of a file or a directory, if the rehearsal has
// made one, else the path itself.
func (r *Rehearsal) Where(path string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	real, err := files.Resolve(path)
	if err != nil {
		return path
	}
	for _, c := range r.copies {
		if c.original == real && (file.Present(c.path) || r.removed[c.path]) {
			return c.path
		}
	}
	if dir, ok := r.dirs[real]; ok && (r.whole[real] || !file.Present(real)) { // else it has only what was touched
		return dir
	}
	if dir, ok := r.dirs[filepath.Dir(real)]; ok {
		if at := filepath.Join(dir, filepath.Base(real)); file.Present(at) || r.removed[at] {
			return at
		}
	}
	return path
}

// places is the rehearsal as where files are.
type places struct{ *Rehearsal }

// Databases gives the copies, by their originals.
func (r places) Databases() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := map[string]string{}
	for _, c := range r.copies {
		list[c.original] = c.path
	}
	return list
}

// TempDir makes a directory for a program beside the copies.
func (r places) TempDir(string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return os.MkdirTemp(r.temp, "program-*")
}

// databaseOf is t, to be opened.
func databaseOf(t file.Target) *file.DB {
	return &file.DB{Name: t.Name, Shown: t.Shown, Path: t.Path, Original: t.Original, Config: t.Config}
}

// directory is the private counterpart of the directory at the resolved path:
// empty at first.
func (r *Rehearsal) directory(real string) (string, error) {
	if r.temp == "" {
		dir, err := file.ScratchDir(real)
		if err != nil {
			return "", err
		}
		r.temp, r.dirs, r.whole, r.removed = dir, map[string]string{}, map[string]bool{}, map[string]bool{}
	}
	if rel, err := filepath.Rel(r.temp, real); err == nil && filepath.IsLocal(rel) {
		return real, nil
	}
	if dir, ok := r.dirs[real]; ok {
		return dir, nil
	}
	dir := filepath.Join(r.temp, strconv.Itoa(len(r.dirs)+1))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	r.dirs[real] = dir
	return dir, nil
}

// Dir is directory, for others.
func (r places) Dir(real string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.directory(real)
}

// Originals are the directories whose private counterpart is dir.
func (r places) Originals(dir string) (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for real, private := range r.dirs {
		if private == dir {
			list = append(list, real)
		}
	}
	return list
}

// Files is a private copy of a directory: of its files, but not of databases,
// which Database copies, nor of directories.
func (r places) Files(path string) (string, error) {
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

// Database is the private copy of a database, made now if there is none.
func (r places) Database(ctx context.Context, t file.Target) (path string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	original := t.Path
	dir, err := r.directory(filepath.Dir(original))
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, filepath.Base(original))
	info, err := os.Stat(original)
	if path == original {
		return path, nil
	}
	for _, c := range r.copies {
		if c.path == path || err == nil && c.info != nil && os.SameFile(c.info, info) {
			return c.path, nil
		}
	}
	if file.Present(path) || r.removed[path] { // made by what was rehearsed
		return path, nil
	}
	if err == nil && !info.Mode().IsRegular() { // which the caller refuses, and changes in no case
		return original, nil
	}
	c := &copied{name: t.Name, shown: t.Shown, path: path, original: original}
	if to, err := os.Readlink(original); err == nil && info == nil { // one that leads nowhere
		if err := os.Symlink(to, path); err != nil {
			return "", err
		}
	}
	if err == nil {
		c.info = info
		d := databaseOf(t)
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
		if c.before, err = c.look(ctx, d.Config, false, nil, nil); err != nil {
			return "", err
		}
	}
	r.copies = append(r.copies, c)
	return path, nil
}

// copyAside copies the database to path, and changes nothing beside the original.
func copyAside(ctx context.Context, d *file.DB, path string) error {
	from := d.WithPath(d.Path)
	from.Config.Trial = nil
	defer from.ReportProgress()()
	err := from.Precheck()
	if err == nil && file.Size(d.Path) == 0 { // of which SQLite's copy has a page
		return os.WriteFile(path, nil, 0o600)
	}
	if err == nil {
		var c *sqlite.Conn
		if c, err = from.OpenRead(ctx); err == nil {
			err = from.CopyConn(ctx, c, path, 0o600)
			c.Close()
		}
	}
	if errors.Is(err, fault.ErrNotDatabase) || errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrUnfinished) {
		file.Discard(path)
		err = copyAsIs(from, path)
	}
	return err
}

// copyAsIs copies the files as they are: of a database that SQLite cannot read,
// or whose transaction it would have to undo first. It begins anew if somebody
// undid it meanwhile.
func copyAsIs(d *file.DB, path string) error {
	for {
		before, _ := os.Stat(d.Path + "-journal")
		for _, suffix := range []string{"-journal", "-wal", ""} {
			if err := files.Copy(d.Path+suffix, path+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
				return fault.WithoutPath(err)
			}
		}
		after, _ := os.Stat(d.Path + "-journal")
		if before == nil || after != nil && os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()) {
			return nil
		}
		file.Discard(path)
	}
}

// Glob is filepath.Glob of the files as they are after what was rehearsed, with the
// paths that they would have.
func (r *Rehearsal) Glob(pattern string) (list []string, err error) {
	dirs, name := []string{filepath.Dir(pattern)}, filepath.Base(pattern)
	if strings.ContainsAny(dirs[0], `*?[`) {
		if dirs, err = filepath.Glob(dirs[0]); err != nil {
			return nil, err
		}
	}
	if _, err := filepath.Match(name, ""); err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		real, err := files.Resolve(dir)
		if err != nil {
			continue
		}
		r.mu.Lock()
		private, touched := r.dirs[real]
		r.mu.Unlock()
		read := func() ([]fs.DirEntry, error) { return os.ReadDir(dir) }
		if touched {
			read = func() ([]fs.DirEntry, error) { return places{r}.ReadDir(private) }
		}
		entries, _ := read() // as filepath.Glob, which passes over what cannot be read
		for _, e := range entries {
			if ok, _ := filepath.Match(name, e.Name()); ok {
				list = append(list, filepath.Join(dir, e.Name()))
			}
		}
	}
	return list, nil
}

// ReadDir lists a directory as it is after what was rehearsed: what was made there
// and what is in the original. Dir is its private counterpart.
func (r places) ReadDir(dir string) ([]fs.DirEntry, error) {
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

// Remove has a file be gone, whose private counterpart is at path.
func (r places) Remove(path string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed[path] = true
	return os.Remove(path)
}
