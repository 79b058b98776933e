// Whose files are run.

package discover

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"path/filepath"

	"fastmigrate/starlark"
)

// ErrForeign is the error of a file that belongs to another user, or that every user can
// write.
var ErrForeign = errors.New("a file of another user")

// Own returns fsys, the directory dir, with an error for each file of another user. Pass
// it to [starlark.Load] if the file was found, not named. A file is this user's if it
// belongs to the user, to root, or to the user who became root by sudo, and if not every
// user can write it or its directory, except a sticky one. Error: [ErrForeign]. On
// Windows all files pass.
func Own(fsys fs.FS, dir string) fs.FS { return own{fsys, dir} }

type own struct {
	fsys fs.FS
	dir  string
}

// Open opens a file if it is this user's.
func (o own) Open(name string) (fs.File, error) {
	if err := o.check(name); err != nil {
		return nil, err
	}
	return o.fsys.Open(name)
}

// Stat describes a file if it is this user's.
func (o own) Stat(name string) (fs.FileInfo, error) {
	if err := o.check(name); err != nil {
		return nil, err
	}
	return fs.Stat(o.fsys, name)
}

// check checks a file, the link to it if the name is one, and its directory.
func (o own) check(name string) error {
	info, err := fs.Stat(o.fsys, name)
	if err != nil || info.IsDir() {
		return err
	}
	link, err := fs.Lstat(o.fsys, name)
	if err != nil {
		return err
	}
	in, err := fs.Stat(o.fsys, path.Dir(name))
	if err != nil {
		return err
	}
	why := cmp.Or(another(info), another(link))
	switch {
	case why != "":
		why = "it belongs to user " + why
	case everyone(info):
		why = "every user can write to it"
	case everyone(in) && in.Mode()&fs.ModeSticky == 0:
		why = "every user can write to its directory"
	default:
		return nil
	}
	return &starlark.Error{Kind: "denied", Message: filepath.Join(o.dir, name) + " is not trusted: " + why, Err: ErrForeign}
}
