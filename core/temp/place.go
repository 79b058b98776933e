package temp

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SQLiteVariable is the environment variable that names the directory for temporary files
// of SQLite alone.
const SQLiteVariable = "SQLITE_TMPDIR"

// Places lists the directories that SQLite tries for its temporary files, in its order
// (https://sqlite.org/tempfiles.html#temporary_file_storage_locations).
func Places() []string {
	list := []string{os.Getenv(SQLiteVariable), os.Getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp", "."}
	return slices.DeleteFunc(list, func(dir string) bool { return dir == "" })
}

// Place returns the directory where SQLite creates its temporary files: the first of
// [Places] that can be written to. It returns "" if there is none, as in a container with
// a read-only root.
func Place() string {
	if i := slices.IndexFunc(Places(), Usable); i >= 0 {
		return Places()[i]
	}
	return ""
}

// Scratch is [Dir] in the system's directory for temporary files. If that cannot be used,
// and [Variable] does not name it or SQLite has no [Place] either, the directory is
// created in the first writable one of beside, or else in [Place], with the prefix
// [Hidden].
func Scratch(prefix string, beside ...string) (string, error) {
	dir, err := Dir(os.TempDir(), prefix)
	if err == nil {
		return dir, nil
	}
	tried := []string{os.TempDir()}
	if place := Place(); place == "" || os.Getenv(Variable) == "" {
		for _, parent := range append(slices.Clone(beside), place) {
			if parent == "" {
				continue
			}
			if dir, err := Dir(parent, Hidden); err == nil {
				return dir, nil
			}
			tried = append(tried, parent)
		}
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	return "", fmt.Errorf("cannot create a temporary directory in %s: %w: %s=DIR names another directory for it", strings.Join(tried, " or "), err, Variable)
}

// Holds reports whether dir is, or is in, a directory of this package in the system's
// directory for temporary files.
func Holds(dir string) bool {
	top, err := os.Stat(os.TempDir())
	for parent := filepath.Dir(dir); err == nil && parent != dir; dir, parent = parent, filepath.Dir(parent) {
		if info, err := os.Stat(parent); err == nil && os.SameFile(top, info) {
			return strings.HasPrefix(strings.TrimPrefix(filepath.Base(dir), "."), Plain)
		}
	}
	return false
}
