// What a program is handed that works on a private copy. The invariant: neither its
// argument nor its environment or working directory names the original. A path that
// is written into the program still reaches it.

// Package standin knows which copies stand for which databases, and keeps what names the
// originals from a program.
package standin

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"fastmigrate/core/internal/files"
)

// standIn is a database, and the copy that a program is to find in its place.
type standIn struct {
	path string      // resolved
	info fs.FileInfo // nil if there is no file
	twin string      // the copy
}

// List is the originals with their copies; nil: nothing stands for anything.
type List []standIn

// Add notes that twin is the copy of the original; nothing, if they are one.
func (s *List) Add(original, twin string) {
	if real, err := files.Resolve(original); err == nil && original != "" && original != twin {
		info, _ := os.Stat(real)
		*s = append(*s, standIn{real, info, twin})
	}
}

// TwinOf is the copy that stands for what is at path; "" if none does.
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

// Variable is what programs may take for the database before any configuration.
const Variable = "FASTMIGRATE_DB"

// Environment is env as a program on the copy at path gets it, without what leads to
// files that name databases.
func (s List) Environment(env []string, path string) []string {
	list := make([]string, 0, len(env)+1)
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case runtime.GOOS == "windows" && name == "": // as =C:
		case slices.Contains([]string{Variable, "FASTMIGRATE_CONFIG", "FASTMIGRATE_FILE"}, name):
			continue
		default:
			v = name + "=" + s.substitute(value)
		}
		list = append(list, v)
	}
	return append(list, Variable+"="+path)
}

// word is a part of a value that can be a path: of a URL, or of a list.
var word = regexp.MustCompile(`[^:;,=?#&|"'\s]+`)

// substitute is the value of a variable, in which copies stand for originals: all of
// it may be a path, or words in it, as in sqlite:///data/app.db.
func (s List) substitute(value string) string {
	if at := s.TwinOf(value); at != "" {
		return at
	}
	return word.ReplaceAllStringFunc(value, func(w string) string {
		if at := s.TwinOf(w); at != "" && !strings.HasPrefix(w, "//") {
			return at
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

// Mirror makes at dir what is in the directory at from, by links; above are those
// that it is a part of. Where an original is, there is a link to its copy, and what
// leads back to one of these directories is left out. The directory here is one too.
func (s List) Mirror(dir, from, here string, above []string) error {
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
		if err := os.Symlink(at, to); err != nil && runtime.GOOS != "windows" { // where not everybody may
			return err
		}
	}
	return nil
}

// beside reports whether a file is one that SQLite has beside an original.
func (s List) beside(path string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if name, ok := strings.CutSuffix(path, suffix); ok && s.TwinOf(name) != "" {
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
