package temp

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// SQLiteVariable is that of the environment which names the directory for SQLite's
// temporary files alone.
const SQLiteVariable = "SQLITE_TMPDIR"

// Places are where SQLite looks for a directory for its temporary files, in its
// order (https://sqlite.org/tempfiles.html#temporary_file_storage_locations).
func Places() []string {
	list := []string{os.Getenv(SQLiteVariable), os.Getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp", "."}
	return slices.DeleteFunc(list, func(dir string) bool { return dir == "" })
}

// Place is the directory in which SQLite makes its temporary files; "" if it can
// write to none that it knows, as in a container with a read-only root.
func Place() string {
	if i := slices.IndexFunc(Places(), Usable); i >= 0 {
		return Places()[i]
	}
	return ""
}

// Scratch is Dir in the system's directory for temporary files. Where SQLite has
// no place for its own either, it is made in the first of the directories beside
// that can be written to, with a name that hides it.
func Scratch(prefix string, beside ...string) (string, error) {
	dir, err := Dir(os.TempDir(), prefix)
	if err == nil {
		return dir, nil
	}
	if Place() == "" {
		for _, parent := range beside {
			if dir, err := Dir(parent, Hidden); err == nil {
				return dir, nil
			}
		}
	}
	return "", Unmade(err)
}

// Unmade says that the system's directory for temporary files cannot be used, and
// which variable names another one.
func Unmade(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s=%s: %w", Variable, os.TempDir(), err)
}
