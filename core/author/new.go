// Package author writes migrations: the skeleton of the next one, a rebuild of a table,
// and new numbers for migrations that come too late. Most programs need one call:
//
//	path, err := author.New("migrations", "add a phone", "sql")
//
// The invariant: no file is overwritten, and no two migrations get the same number, even
// if several people call it at the same time.
package author

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/naming"
)

// New writes the skeleton of the next migration into the directory dir, creates dir if
// needed, and returns the path of the file. The description becomes part of the name;
// kind is sql, star, py or sh. Errors: fs.ErrInvalid for a description without a letter
// or digit; those of [core.Migrations], and those of the disk.
func New(dir, description, kind string) (path string, err error) {
	text, ok := naming.Skeletons[kind]
	if !ok {
		return "", fmt.Errorf("new migration: there is no kind %q: use sql, star, py or sh", kind)
	}
	return writeNext(core.Options{}, dir, description, kind, text)
}

// writeNext writes a text as the next migration. DESCRIPTION in it is replaced by the
// description.
func writeNext(opts core.Options, dir, description, kind, text string) (path string, err error) {
	slug := naming.Slug(description)
	if slug == "" {
		return "", fault.Of(fs.ErrInvalid, "new migration: the description %q has no letter or digit for a name", description)
	}
	if err := filename.Plain(dir, dir); err != nil {
		return "", fmt.Errorf("new migration: %w", err)
	}
	text = strings.ReplaceAll(text, "DESCRIPTION", strings.Join(strings.Fields(description), " "))
	if _, err := files.MakeDirs(dir, 0o777); err != nil {
		return "", fmt.Errorf("new migration: %w", err)
	}
	for {
		list, _, err := opts.Migrations(os.DirFS(dir))
		if err != nil {
			return "", fmt.Errorf("new migration: %s: %w", dir, fault.WithoutPath(err))
		}
		next := 1
		if len(list) > 0 {
			next = list[len(list)-1].Version + 1
		}
		if next > 9999 {
			return "", fmt.Errorf("new migration: %s: 9999 is the highest version", dir)
		}
		path = filepath.Join(dir, fmt.Sprintf("%04d-%s.%s", next, slug, kind))
		err = file.WriteNew(path, []byte(text), 0o666)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("new migration: %w", err)
		}
		if err == nil {
			if _, _, err = opts.Migrations(os.DirFS(dir)); err == nil {
				return path, nil
			}
			os.Remove(path)
		}
		// Someone else took the number at the same moment: try the next one after a
		// random pause.
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	}
}
