// How the program of a migration is run: with which environment, in which directory.

package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/program"
	"fastmigrate/core/temp"
)

// execute runs a program with the path of the database as its last argument, and gives the
// last lines that it printed. The program inherits lock, which may be nil. Begun and errors:
// as of [program.Command.Run].
func (r *Run) execute(ctx context.Context, command []string, path string, lock *os.File, begun func(group int) error) (output string, err error) {
	c := &program.Command{Args: append(slices.Clone(command), path), Timeout: r.Opts.ScriptTimeout, Lock: lock, Output: r.Opts.Output}
	end, err := surroundings(r.DB, c, path)
	defer end()
	if err != nil {
		return "", err
	}
	ended, err := c.Run(ctx, begun)
	if ended.Left {
		r.Log().Warn(filepath.Base(command[1]) + " left a process running")
	}
	return ended.Output, err
}

// surroundings sets the environment and the directory of c, a program for the database at
// path. If that is a copy, the variables do not name the original. In a trial, the directory
// is a temporary one, which end removes; end is never nil.
func surroundings(d *file.DB, c *program.Command, path string) (end func(), err error) {
	end = func() {}
	list := d.StandIns(path)
	if list != nil || d.IsTrial() {
		c.Env = list.Environment(os.Environ(), path)
	}
	if temp.Place() == "" { // the SQLite in it knows no other either
		if c.Env == nil {
			c.Env = os.Environ()
		}
		c.Env = append(c.Env, temp.SQLiteVariable+"="+filepath.Dir(path))
	}
	if !d.IsTrial() { // it may write its files where they are meant to be
		return end, nil
	}
	temp, err := d.Place().TempDir(filepath.Dir(d.Path))
	if err != nil {
		return end, fmt.Errorf("cannot create a working directory for the program: %w", err)
	}
	end = func() { os.RemoveAll(temp) }
	c.Dir = filepath.Join(temp, "work")
	here, err := os.Getwd()
	if err == nil {
		here, err = files.Resolve(here)
	}
	if err != nil { // it is gone
		here = ""
	}
	from, to := here, c.Dir
	if parent := filepath.Dir(here); here != "" && parent != here { // for ../shared
		from, to, c.Dir = parent, filepath.Join(temp, "above"), filepath.Join(temp, "above", filepath.Base(here))
	}
	c.Env = append(c.Env, "PWD="+c.Dir)
	if err := list.Mirror(to, from, here, nil); err != nil {
		return end, err
	}
	err = os.Mkdir(c.Dir, 0o700) // where the parent cannot be read
	if errors.Is(err, fs.ErrExist) {
		return end, nil
	}
	return end, cmp.Or(err, os.Remove(c.Dir), list.Mirror(c.Dir, here, here, nil))
}
