// Where the Fastmigratefile is.

package discover

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/starlark"
)

// Find gives the path of the Fastmigratefile in dir or the nearest directory
// above it, whose ever it is: see [Own]. Error: fs.ErrNotExist.
func Find(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for up := dir; ; up = filepath.Join(up, "..") {
		path := filepath.Join(up, starlark.Name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if filepath.Dir(abs) == abs {
			return "", &fs.PathError{Op: "find", Path: starlark.Name, Err: fs.ErrNotExist}
		}
		abs = filepath.Dir(abs)
	}
}
