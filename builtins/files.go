package builtins

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/filename"
	"fastmigrate/core/input"
	"fastmigrate/core/rehearse"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// maxRead is the size of a file that a workflow can read: it is for settings and
// statements, not for data.
const maxRead = 16 << 20

func (set *Set) files() []*row.Builtin {
	return []*row.Builtin{{
		Name: "glob", Params: []row.Param{row.NewParam("pattern", "path", "", "* matches any characters except /, ? matches one, [a-z] one of several")},
		Returns: "list of paths, sorted", Effect: row.Reads, Errors: []string{"usage"},
		Doc: `Lists the files that match a pattern. No match is not an error.
In a rehearsal, it finds files that the rehearsal created, but not those it removed.
Files of fastmigrate itself are left out: .backups.fastmigrate, the list beside
backups, and .fastmigrate-*, unfinished files.`,
		Example: `for db in glob("data/*.db"):
    print(db, db_version(db))`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			find := filepath.Glob
			if r := rehearse.Of(set.o.Core); r != nil {
				find = r.Glob
			}
			list, err := find(c.Session.Path(c.Text("pattern")))
			if err != nil {
				return nil, &host.Error{Kind: "usage", Message: fmt.Sprintf("glob: %q is not a pattern", c.Text("pattern"))}
			}
			list = slices.DeleteFunc(list, func(path string) bool { return filename.IsInternal(filepath.Base(path)) })
			for i, p := range list {
				list[i] = c.Session.Shown(p)
			}
			slices.Sort(list)
			return row.ToStarlark(list), nil
		},
	}, {
		Name: "exists", Params: []row.Param{row.NewParam("path", "path", "", "a file or directory")},
		Returns: "bool", Effect: row.Reads, Errors: []string{"denied"},
		Doc:     `Reports whether a file or directory exists.`,
		Example: `print(exists("data/shop.db"), exists("missing.db"))`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			_, err := os.Stat(set.at(c, c.Text("path")))
			if errors.Is(err, fs.ErrNotExist) {
				return starlark.False, nil
			}
			return starlark.Bool(err == nil), err
		},
	}, {
		Name: "read_file", Params: []row.Param{row.NewParam("path", "path", "", "a text file of at most 16 MB")},
		Returns: "string", Effect: row.Reads, Errors: []string{"denied", "not_found", "usage"},
		Doc:     `Returns the text of a file, which must be UTF-8.`,
		Example: `print(len(read_file("migrations/0001-customers.sql")) > 0)`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			path := set.at(c, c.Text("path"))
			info, err := os.Stat(path)
			if err != nil {
				return nil, err
			}
			if !info.Mode().IsRegular() || info.Size() > maxRead {
				return nil, &host.Error{Kind: "usage", Message: fmt.Sprintf("read_file: %s is not a file of at most %d MB", c.Text("path"), maxRead>>20)}
			}
			text, err := input.File(c.Session, path, maxRead)
			if err == nil && !utf8.Valid(text) {
				err = &host.Error{Kind: "usage", Message: "read_file: " + c.Text("path") + " is not UTF-8"}
			}
			return starlark.String(text), err
		},
	}}
}
