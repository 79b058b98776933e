// What a program is handed that works on a private copy. The invariant: neither its
// argument nor its environment or working directory names the original. A path that
// is written into the program still reaches it.

package core

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"fastmigrate/core/internal/files"
	"fastmigrate/core/temp"
)

// stand is a database, and the copy that a program is to find in its place.
type stand struct {
	path string      // resolved
	info fs.FileInfo // nil if there is no file
	twin string      // the copy
}

type stands []stand

// stands lists what the copy at path stands for; nil if it is the database itself.
func (d *db) stands(path string) (list stands) {
	add := func(original, twin string) {
		if real, err := files.Resolve(original); err == nil && original != "" && original != twin {
			info, _ := os.Stat(real)
			list = append(list, stand{real, info, twin})
		}
	}
	add(d.path, path)
	add(d.original, path)
	for _, original := range d.originals() {
		add(original, path)
	}
	if d.trial() { // for whatever is worked on usually
		add(os.Getenv(variable), path)
	}
	for original, twin := range d.place().Databases() {
		add(original, twin)
	}
	return list
}

// surround gives a program on the copy at path an environment without the
// original. Where what is done is not for real, its working directory is another
// one, which is removed by the end.
func (d *db) surround(cmd *exec.Cmd, path string) (end func(), err error) {
	end = func() {}
	list := d.stands(path)
	if list != nil || d.trial() {
		cmd.Env = list.environment(os.Environ(), path)
	}
	if temp.Place() == "" { // the SQLite in it knows no other either
		cmd.Env = append(cmd.Environ(), temp.SQLiteVariable+"="+filepath.Dir(path))
	}
	if !d.trial() { // it may write its files where they are meant to be
		return end, nil
	}
	temp, err := d.place().TempDir(filepath.Dir(d.path))
	if err != nil {
		return end, fmt.Errorf("no working directory can be made for the program: %w", err)
	}
	end = func() { os.RemoveAll(temp) }
	cmd.Dir = filepath.Join(temp, "work")
	here, err := os.Getwd()
	if err == nil {
		here, err = files.Resolve(here)
	}
	if err != nil { // it is gone
		here = ""
	}
	from, to := here, cmd.Dir
	if parent := filepath.Dir(here); here != "" && parent != here { // for ../shared
		from, to, cmd.Dir = parent, filepath.Join(temp, "above"), filepath.Join(temp, "above", filepath.Base(here))
	}
	cmd.Env = append(cmd.Env, "PWD="+cmd.Dir)
	if err := list.mirror(to, from, here, nil); err != nil {
		return end, err
	}
	err = os.Mkdir(cmd.Dir, 0o700) // where the parent cannot be read
	if errors.Is(err, fs.ErrExist) {
		return end, nil
	}
	return end, cmp.Or(err, os.Remove(cmd.Dir), list.mirror(cmd.Dir, here, here, nil))
}

// replacing is the copy that stands for what is at path; "" if none does.
func (s stands) replacing(path string) string {
	if path == "" || len(path) > 4096 || strings.IndexByte(path, 0) >= 0 {
		return ""
	}
	real, err := files.Resolve(path)
	if err != nil {
		return ""
	}
	info, _ := os.Stat(real)
	for _, one := range s {
		if one.path == real || info != nil && one.info != nil && os.SameFile(info, one.info) {
			return one.twin
		}
	}
	return ""
}

// variable is what programs may take for the database before any configuration.
const variable = "FASTMIGRATE_DB"

// environment is env as a program on the copy at path gets it, without what leads to
// files that name databases.
func (s stands) environment(env []string, path string) []string {
	list := make([]string, 0, len(env)+1)
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case runtime.GOOS == "windows" && name == "": // as =C:
		case slices.Contains([]string{variable, "FASTMIGRATE_CONFIG", "FASTMIGRATE_FILE"}, name):
			continue
		default:
			v = name + "=" + s.without(value)
		}
		list = append(list, v)
	}
	return append(list, variable+"="+path)
}

// word is a part of a value that can be a path: of a URL, or of a list.
var word = regexp.MustCompile(`[^:;,=?#&|"'\s]+`)

// without is the value of a variable, in which copies stand for originals: all of
// it may be a path, or words in it, as in sqlite:///data/app.db.
func (s stands) without(value string) string {
	if at := s.replacing(value); at != "" {
		return at
	}
	return word.ReplaceAllStringFunc(value, func(w string) string {
		if at := s.replacing(w); at != "" && !strings.HasPrefix(w, "//") {
			return at
		}
		rest := strings.TrimLeft(w, "/")
		slashes := len(w) - len(rest)
		if slashes < 2 {
			return w
		}
		if at := s.replacing("/" + rest); at != "" {
			return strings.Repeat("/", slashes-1) + at
		}
		if at := s.replacing(rest); at != "" {
			return strings.Repeat("/", slashes) + at
		}
		return w
	})
}

// mirror makes at dir what is in the directory at from, by links; above are those
// that it is a part of. Where an original is, there is a link to its copy, and what
// leads back to one of these directories is left out. The directory here is one too.
func (s stands) mirror(dir, from, here string, above []string) error {
	if err := os.Mkdir(dir, 0o700); err != nil || from == "" {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil // nobody finds anything there
	}
	above = append(slices.Clone(above), from)
	for _, e := range entries {
		at, to := filepath.Join(from, e.Name()), filepath.Join(dir, e.Name())
		real, err := files.Resolve(at)
		leads := func(path string) bool { return within(path, real) }
		switch twin := s.replacing(at); {
		case twin != "":
			at = twin
		case err != nil, e.Name() == ".fastmigrate", s.beside(at), slices.ContainsFunc(above, leads):
			continue
		case real == here && filepath.Dir(here) == from, slices.ContainsFunc(s, func(one stand) bool { return leads(one.path) }):
			if err := s.mirror(to, real, here, above); err != nil {
				return err
			}
			continue
		}
		if err := os.Symlink(at, to); err != nil && runtime.GOOS != "windows" { // where not everybody may
			return err
		}
	}
	return nil
}

// beside reports whether a file is one that SQLite has beside an original.
func (s stands) beside(path string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if name, ok := strings.CutSuffix(path, suffix); ok && s.replacing(name) != "" {
			return true
		}
	}
	return false
}

// within reports whether a path is that of a directory, or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
