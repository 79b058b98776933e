// Package rehearse runs operations on private copies of databases, and reports what they
// did. A [Rehearsal] changes the options of any function of package core and of the packages
// built on it:
//
//	var r rehearse.Rehearsal
//	defer r.Close()
//	_, err := core.RunMigrations(ctx, "app.db", migrations, r.Options(opts))
//	reports, err := r.Report(ctx, opts)
//
// The invariant: with the options of a Rehearsal, nothing is written outside of its
// directory.
package rehearse

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"fastmigrate/core"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
)

// A Rehearsal runs functions on private copies of databases. A function that gets its
// [Rehearsal.Options] works on a private copy of each database that it touches;
// [Rehearsal.Close] removes the copies. Messages name the original. The zero value is ready
// to use. It may be shared by concurrent calls, and must not be copied.
type Rehearsal struct {
	// Programs runs .py and .sh migrations too, on the copy. If false, they are skipped and
	// count as applied, and [core.Applied.Skipped] is the command that would have run.
	Programs bool

	mu      sync.Mutex
	temp    string            // holds a directory for each that is copied from
	dirs    map[string]string // those, by the original
	whole   map[string]bool   // of those, by the original: that Files copied
	removed map[string]bool   // files that would be gone, by their private path
	twins   []*twin
}

// Options returns opts, changed so that a function works on the copies.
func (r *Rehearsal) Options(opts core.Options) core.Options {
	opts.Observer = observer{r}
	opts.Trial = &file.Trial{Originals: file.OriginalsOf(opts.Trial), Place: place{r}, Sealed: true, SkipPrograms: !r.Programs}
	return opts
}

// Of returns the [Rehearsal] that options come from; nil if they are not for a rehearsal.
func Of(opts core.Options) *Rehearsal {
	r, _ := file.PlaceOf(opts.Trial).(place)
	return r.Rehearsal
}

// Close removes the copies. The Rehearsal can then be used again.
func (r *Rehearsal) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.temp == "" {
		return nil
	}
	defer func() { r.temp, r.dirs, r.whole, r.removed, r.twins = "", nil, nil, nil, nil }()
	return os.RemoveAll(r.temp)
}

// Where returns the private counterpart of a file or a directory, or the path itself if
// there is none.
func (r *Rehearsal) Where(path string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	real, err := files.Resolve(path)
	if err != nil {
		return path
	}
	for _, t := range r.twins {
		if t.original == real && (file.Present(t.path) || r.removed[t.path]) {
			return t.path
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

// openable returns a target as a database that can be opened.
func openable(target file.Target) *file.DB {
	return &file.DB{Name: target.Name, Shown: target.Shown, Path: target.Path, Original: target.Original, Config: target.Config}
}

// directory returns the private counterpart of the directory at a resolved path. It is
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

// Glob is [filepath.Glob] of the files, with their paths, that would exist if the
// rehearsed operations were run for real.
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
			read = func() ([]fs.DirEntry, error) { return place{r}.ReadDir(private) }
		}
		entries, _ := read() // as filepath.Glob, which skips what cannot be read
		for _, e := range entries {
			if ok, _ := filepath.Match(name, e.Name()); ok {
				list = append(list, filepath.Join(dir, e.Name()))
			}
		}
	}
	return list, nil
}
