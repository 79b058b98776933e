// Package discover finds the Fastmigratefile that is meant where none is named.
//
//	path, err := discover.Find(".")
//	dir := filepath.Dir(path)
//	file, err := starlark.Load(ctx, discover.Own(os.DirFS(dir), dir), starlark.Options{Dir: dir})
//
// A file above the working directory may be anybody's, such as one in /tmp, and running
// it would run their code. So [Own] hides files of other users, as Git does with
// repositories (https://git-scm.com/docs/git-config, safe.directory).
package discover

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/starlark"
)

// Find returns the path of the Fastmigratefile in dir or the nearest directory above it.
// It does not check the owner: see [Own]. Error: [fs.ErrNotExist].
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
