// Package standin knows which copies replace which databases, and keeps the names of the
// originals from a program that works on a copy.
//
// The invariant: neither the argument nor the environment or the working directory of
// the program names an original. A path that is written into the program still reaches
// it.
package standin

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"fastmigrate/core/internal/files"
	"fastmigrate/core/regex"
)

// standIn is a database and the copy that a program finds in its place.
type standIn struct {
	path string      // of the original, without links
	info fs.FileInfo // of the original; nil if there is no file
	twin string      // the copy
}

// List is originals with their copies. The zero value has none.
type List []standIn

// Add notes that twin is the copy of the original. It does nothing if the two are one,
// or if original is "" or cannot be resolved.
func (s *List) Add(original, twin string) {
	if real, err := files.Resolve(original); err == nil && original != "" && original != twin {
		info, _ := os.Stat(real)
		*s = append(*s, standIn{real, info, twin})
	}
}

// TwinOf returns the copy that replaces the file at path; "" if there is none.
func (s List) TwinOf(path string) string {
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

// Variable is the environment variable that names the database to programs.
const Variable = "FASTMIGRATE_DB"

// Environment returns env as a program on the copy at path gets it: Variable names the
// copy, originals are replaced in all values, and variables that lead to a
// configuration are left out.
func (s List) Environment(env []string, path string) []string {
	list := make([]string, 0, len(env)+1)
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case runtime.GOOS == "windows" && name == "": // as =C:
		case slices.Contains([]string{Variable, "FASTMIGRATE_CONFIG", "FASTMIGRATE_FILE"}, name):
			continue
		default:
			v = name + "=" + s.Substitute(value)
		}
		list = append(list, v)
	}
	return append(list, Variable+"="+path)
}

// word is a part of a value that can be a path: of a URL, or of a list.
var word = regex.New(`[^:;,=?#&|"'\s]+`)

// Substitute replaces originals by their copies in the value of a variable: the whole
// value may be a path, or words in it, as in sqlite:///data/app.db.
func (s List) Substitute(value string) string {
	if at := s.TwinOf(value); at != "" {
		return at
	}
	return word.Regexp().ReplaceAllStringFunc(value, func(w string) string {
		if at := s.TwinOf(w); at != "" && !strings.HasPrefix(w, "//") {
			return at
		}
		if plain, err := url.PathUnescape(w); err == nil && plain != w { // in a URL
			if to := s.Substitute(plain); to != plain {
				return (&url.URL{Path: to}).EscapedPath()
			}
		}
		rest := strings.TrimLeft(w, "/")
		slashes := len(w) - len(rest)
		if slashes < 2 {
			return w
		}
		if at := s.TwinOf("/" + rest); at != "" {
			return strings.Repeat("/", slashes-1) + at
		}
		if at := s.TwinOf(rest); at != "" {
			return strings.Repeat("/", slashes) + at
		}
		return w
	})
}

// Mirror makes the directory dir with links to the entries of the directory from; above
// are the directories that contain from. In place of an original there is a link to its
// copy. Directories with an original below, and the directory here, are mirrored
// themselves; links back to from or one above it are left out. Errors: from a
// directory or a link that cannot be made.
func (s List) Mirror(dir, from, here string, above []string) error {
	if err := os.Mkdir(dir, 0o700); err != nil || from == "" {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil // the program cannot read it either
	}
	above = append(slices.Clone(above), from)
	for _, e := range entries {
		at, to := filepath.Join(from, e.Name()), filepath.Join(dir, e.Name())
		real, err := files.Resolve(at)
		leads := func(path string) bool { return within(path, real) }
		switch twin := s.TwinOf(at); {
		case twin != "":
			at = twin
		case err != nil, e.Name() == ".fastmigrate", s.beside(at), slices.ContainsFunc(above, leads):
			continue
		case real == here && filepath.Dir(here) == from, slices.ContainsFunc(s, func(one standIn) bool { return leads(one.path) }):
			if err := s.Mirror(to, real, here, above); err != nil {
				return err
			}
			continue
		}
		if err := os.Symlink(at, to); err != nil && runtime.GOOS != "windows" { // where it needs a privilege
			return err
		}
	}
	return nil
}

// beside reports whether path is that of a -wal, -shm or -journal of an original.
func (s List) beside(path string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if name, ok := strings.CutSuffix(path, suffix); ok && s.TwinOf(name) != "" {
			return true
		}
	}
	return false
}

// within reports whether path is dir, or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
