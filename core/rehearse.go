// A rehearsal does for real, on private copies, what would be done. The
// invariant: with Options.Rehearsal set, nothing outside of its directory is
// written to.

package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Rehearsal has the functions that are given it in Options work on a private copy
// of each database that they touch, made when they first do, and removed by
// Close. Messages name the original. The zero value is ready; it may be shared by
// calls that run concurrently, and must not be copied.
type Rehearsal struct {
	// Programs runs .py and .sh migrations too, on the copy. Otherwise they are
	// passed over, count as applied, and Applied.Skipped says what would have run.
	Programs bool

	mu     sync.Mutex
	temp   string            // holds a directory for each that is copied from
	dirs   map[string]string // those, by the original
	copies []*copied
}

// copied is a database that was touched.
type copied struct {
	name, path string // of the original; of the copy
	before     *content
	applied    []Applied
}

// Rehearsed is what a rehearsal did to one database.
type Rehearsed struct {
	Path     string      `json:"path"`     // of the original
	Before   *int        `json:"before"`   // version; nil: it does not exist, or is unversioned
	After    *int        `json:"after"`    // version
	Applied  []Applied   `json:"applied"`  // the migrations, in order
	Schema   []Change    `json:"schema"`   // what is not as before
	Tables   []TableRows `json:"tables"`   // whose number of rows is not as before
	Problems []string    `json:"problems"` // that CheckDB finds afterwards
}

// TableRows is how many rows a table has: -1 where it is not there.
type TableRows struct {
	Name   string `json:"name"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

// content is what a report compares.
type content struct {
	version *int
	schema  []Object
	rows    map[string]int64
}

// Close removes the copies.
func (r *Rehearsal) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.temp == "" {
		return nil
	}
	defer func() { r.temp, r.dirs, r.copies = "", nil, nil }()
	return os.RemoveAll(r.temp)
}

// Where is the private counterpart of a file or a directory, if the rehearsal has
// made one, else the path itself.
func (r *Rehearsal) Where(path string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if dir, ok := r.dirs[abs]; ok {
		return dir
	}
	if dir, ok := r.dirs[filepath.Dir(abs)]; ok {
		if at := filepath.Join(dir, filepath.Base(abs)); present(at) {
			return at
		}
	}
	return path
}

func present(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// directory is the private counterpart of a directory: empty at first.
func (r *Rehearsal) directory(abs string) (string, error) {
	if r.temp == "" {
		temp, err := privateDir(os.TempDir())
		if err != nil {
			return "", err
		}
		r.temp, r.dirs = temp, map[string]string{}
	}
	if rel, err := filepath.Rel(r.temp, abs); err == nil && filepath.IsLocal(rel) {
		return abs, nil
	}
	if dir, ok := r.dirs[abs]; ok {
		return dir, nil
	}
	dir := filepath.Join(r.temp, strconv.Itoa(len(r.dirs)+1))
	r.dirs[abs] = dir
	return dir, os.Mkdir(dir, 0o700)
}

// copyDir is a private copy of a directory.
func (r *Rehearsal) copyDir(path string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	made := r.dirs[abs] != ""
	dir, err := r.directory(abs)
	if err != nil || made {
		return dir, err
	}
	if err := os.CopyFS(dir, os.DirFS(abs)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return dir, nil
}

// twin is the private copy of the database at d.path, made now if there is none.
func (r *Rehearsal) twin(ctx context.Context, d *database) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	original := *d
	original.o.Rehearsal = nil
	defer original.watched()()
	if real, err := filepath.EvalSymlinks(d.path); err == nil {
		original.path = real
	}
	dir, err := r.directory(filepath.Dir(original.path))
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, filepath.Base(original.path))
	if path == original.path || present(path) || slices.ContainsFunc(r.copies, func(c *copied) bool { return c.path == path }) {
		return path, nil
	}
	c := &copied{name: d.name, path: path}
	if info, err := os.Stat(original.path); err == nil {
		if !info.Mode().IsRegular() { // which the caller refuses, and changes in no case
			return original.path, nil
		}
		err := original.check()
		if err == nil {
			err = original.copyTo(ctx, path, 0o600)
		}
		if errors.Is(err, ErrNotDatabase) || errors.Is(err, ErrCorrupt) {
			discard(path)
			err = original.copyPlainTo(path)
		}
		if err != nil {
			discard(path)
			return "", err
		}
		if c.before, err = c.look(ctx, d.o); err != nil {
			return "", err
		}
	}
	r.copies = append(r.copies, c)
	return path, nil
}

// copyPlainTo copies the file as it is: one that SQLite cannot read.
func (d *database) copyPlainTo(path string) error {
	from, err := os.Open(d.path)
	if err != nil {
		return cause(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return cause(err)
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// applied notes a migration.
func (r *Rehearsal) applied(d *database, a Applied) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.copies {
		if c.path == d.path {
			c.applied = append(c.applied, a)
		}
	}
}

// look looks at the copy; nil if it is not there or cannot be read.
func (c *copied) look(ctx context.Context, o Options) (*content, error) {
	o.Rehearsal = nil
	d := &database{name: c.name, path: c.path, o: o}
	conn, err := d.readOrRepair(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotDatabase) || errors.Is(err, ErrCorrupt) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	s := &content{rows: map[string]int64{}}
	v, err := d.versionIfAny(conn)
	if err != nil {
		return nil, err
	}
	if v >= 0 {
		s.version = &v
	}
	if s.schema, err = objects(conn); err != nil {
		return nil, d.diagnose(err)
	}
	for _, o := range s.schema {
		if o.Type != "table" {
			continue
		}
		n, err := conn.Int(`SELECT count(*) FROM main."` + strings.ReplaceAll(o.Name, `"`, `""`) + `"`)
		if err == nil { // else a virtual table without its module
			s.rows[o.Name] = n
		} else if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return s, nil
}

// Report compares each database that was touched with what it was. Call it
// before Close.
func (r *Rehearsal) Report(ctx context.Context, o Options) ([]Rehearsed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []Rehearsed{}
	for _, c := range r.copies {
		after, err := c.look(ctx, o)
		if err != nil {
			return list, err
		}
		if c.before == nil && after == nil { // it was only asked for
			continue
		}
		one := Rehearsed{Path: c.name, Applied: c.applied, Tables: []TableRows{}, Problems: []string{}}
		before := &content{}
		if c.before != nil {
			before = c.before
		}
		if after == nil {
			after = &content{}
		}
		one.Before, one.After = before.version, after.version
		one.Schema = Compare(before.schema, after.schema)
		for name, n := range before.rows {
			if now, ok := after.rows[name]; !ok {
				one.Tables = append(one.Tables, TableRows{name, n, -1})
			} else if now != n {
				one.Tables = append(one.Tables, TableRows{name, n, now})
			}
		}
		for name, n := range after.rows {
			if _, ok := before.rows[name]; !ok {
				one.Tables = append(one.Tables, TableRows{name, -1, n})
			}
		}
		slices.SortFunc(one.Tables, func(a, b TableRows) int { return strings.Compare(a.Name, b.Name) })
		o.Rehearsal = nil
		check, err := CheckDB(ctx, c.path, o)
		if err != nil {
			one.Problems = append(one.Problems, err.Error())
		}
		one.Problems = append(one.Problems, check.Problems...)
		list = append(list, one)
	}
	return list, nil
}

// String tells a person, in a few lines.
func (r Rehearsed) String() string {
	version := func(v *int) string {
		if v == nil {
			return "none"
		}
		return strconv.Itoa(*v)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rehearsed on a copy of %s: version %s -> %s\n", r.Path, version(r.Before), version(r.After))
	for _, a := range r.Applied {
		fmt.Fprintf(&b, "  %v", a)
		if a.Skipped == nil && a.Statements > 0 {
			fmt.Fprintf(&b, "  %d statements, %d rows", a.Statements, a.Rows)
		}
		b.WriteByte('\n')
	}
	for _, c := range r.Schema {
		fmt.Fprintf(&b, "  schema: %s\n", strings.ReplaceAll(c.String(), "\n", "\n    "))
	}
	for _, t := range r.Tables {
		switch {
		case t.Before < 0:
			fmt.Fprintf(&b, "  rows: %s has %d\n", t.Name, t.After)
		case t.After < 0:
			fmt.Fprintf(&b, "  rows: %s had %d, and is gone\n", t.Name, t.Before)
		default:
			fmt.Fprintf(&b, "  rows: %s had %d, has %d\n", t.Name, t.Before, t.After)
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", p)
	}
	if len(r.Problems) == 0 {
		b.WriteString("  checked: nothing is wrong with it\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
