// The environment and working directory of a program.

package apply

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/temp"
)

// surroundings prepares the environment of cmd, a program for the database at path. If that
// is a copy, the variables do not name the original. In a trial, the working directory is
// a temporary one, which end removes; end is never nil.
func surroundings(d *file.DB, cmd *exec.Cmd, path string) (end func(), err error) {
	end = func() {}
	list := d.StandIns(path)
	if list != nil || d.IsTrial() {
		cmd.Env = list.Environment(os.Environ(), path)
	}
	if temp.Place() == "" { // the SQLite in it knows no other either
		cmd.Env = append(cmd.Environ(), temp.SQLiteVariable+"="+filepath.Dir(path))
	}
	if !d.IsTrial() { // it may write its files where they are meant to be
		return end, nil
	}
	temp, err := d.Place().TempDir(filepath.Dir(d.Path))
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
	if err := list.Mirror(to, from, here, nil); err != nil {
		return end, err
	}
	err = os.Mkdir(cmd.Dir, 0o700) // where the parent cannot be read
	if errors.Is(err, fs.ErrExist) {
		return end, nil
	}
	return end, cmp.Or(err, os.Remove(cmd.Dir), list.Mirror(cmd.Dir, here, here, nil))
}
