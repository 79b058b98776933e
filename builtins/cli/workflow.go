// Which Fastmigratefile a command is about.

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
	"fastmigrate/starlark/discover"
)

// workflowFile is which Fastmigratefile a command is about.
type workflowFile struct {
	File string `short:"f" env:"FASTMIGRATE_FILE" placeholder:"FILE" help:"Fastmigratefile to use. Default: the nearest, here or in a directory above."`
	trustFlag
}

// trustFlag lets run what no one named.
type trustFlag struct {
	Trust bool `env:"FASTMIGRATE_TRUST" help:"Run a Fastmigratefile found above the working directory even if it belongs to another user, or every user can write to it."`
}

// load loads it, whose calls work with o. What it prints meanwhile is no result.
func (c workflowFile) load(a *app, o core.Options, host starlark.Options) (*starlark.File, error) {
	path := c.File
	if path == "" {
		var err error
		if path, err = discover.Find("."); errors.Is(err, fs.ErrNotExist) {
			return nil, hint.With(fault.Of(fs.ErrNotExist, "there is no %s here or above", starlark.Name), "-f FILE names one; its functions are the tasks, and fastmigrate docs lists what they can call")
		} else if err != nil {
			return nil, err
		}
	}
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, hint.With(fault.Of(fs.ErrNotExist, "%s does not exist", path), "without -f and FASTMIGRATE_FILE, the nearest "+starlark.Name+" here or above is used")
	} else if err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, hint.With(fmt.Errorf("%s is not a regular file, as a %s is", path, starlark.Name), "-f FILE names the file itself")
	}
	dir, name := filepath.Split(path)
	root, err := os.OpenRoot(filepath.Clean(dir)) // out of which no link leads
	if err != nil {
		return nil, err
	}
	defer root.Close()
	a.Log().Debug("using " + path)
	b := builtins.Options{Core: o, Out: a.Results, Log: a.Messages, DB: a.said("db"), Migrations: a.said("migrations"), Named: a.named, Changed: a.changed, Confirm: host.Confirm}
	if a.JSON { // the result is ours
		b.Out = visible.Results(a.Messages)
	}
	if a.Quiet {
		b.Log = io.Discard
	}
	host.File, host.Dir, host.Predeclared = name, filepath.Clean(dir), builtins.New(b).Predeclared()
	fsys := root.FS()
	if c.File == "" && filepath.Clean(dir) != "." && !c.Trust {
		fsys = discover.Own(fsys, filepath.Clean(dir))
	}
	file, err := starlark.Load(a, fsys, host)
	if errors.Is(err, discover.ErrForeign) {
		err = hint.Add(err, "if you trust who can write it: --trust, before the name of the task, or FASTMIGRATE_TRUST=1")
	}
	return file, err
}
