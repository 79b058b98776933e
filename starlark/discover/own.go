// Whose files are run. A Fastmigratefile that was looked for above the working
// directory may be anybody's, as one in /tmp.

package discover

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"path/filepath"

	"fastmigrate/starlark"
)

// ErrForeign: a file that was not asked for by name belongs to another user, or
// could be written by every user.
var ErrForeign = errors.New("a file of another user")

// Own is the directory dir, as fsys, without the files of others: what Load is
// to be given where the file was found, and not named. A file is this user's if it
// belongs to the user, to root, or to who became root by sudo; neither it nor its
// directory may be open to be changed by every user, unless the directory is
// sticky. Error: ErrForeign. On Windows it is fsys.
func Own(fsys fs.FS, dir string) fs.FS { return own{fsys, dir} }

type own struct {
	fsys fs.FS
	dir  string
}

// Open opens a file, if it is this user's.
func (o own) Open(name string) (fs.File, error) {
	if err := o.check(name); err != nil {
		return nil, err
	}
	return o.fsys.Open(name)
}

// Stat looks at a file, if it is this user's.
func (o own) Stat(name string) (fs.FileInfo, error) {
	if err := o.check(name); err != nil {
		return nil, err
	}
	return fs.Stat(o.fsys, name)
}

// check looks at what the name leads to, at a link that leads there, and at the
// directory.
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
		why = "every user may write it"
	case everyone(in) && in.Mode()&fs.ModeSticky == 0:
		why = "every user may write to its directory"
	default:
		return nil
	}
	return &starlark.Error{Kind: "denied", Message: filepath.Join(o.dir, name) + " is not run unasked: " + why, Err: ErrForeign}
}
