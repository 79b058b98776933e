package author

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/upgrade"
)

// Renamed is a migration that got another number.
type Renamed struct {
	From string `json:"from"` // name of the file
	To   string `json:"to"`
}

// Renumber moves the migrations in dir that the database at path can no longer reach to the
// next free numbers at the end, in their order. These are migrations that are out of order,
// and those of several with the same version that were not applied; if none was applied,
// the first by name keeps its number. It renames the files, overwrites none, and completes
// an interrupted renaming. In the database it only rolls back a transaction that a crash
// left unfinished. It uses the same options as [core.Status].
//
// Files that were renamed are returned even if there is an error; the list is never nil.
// Errors: [fault.ErrDuplicate] if it is not recorded which of several was applied;
// fs.ErrExist if another process has taken a number in the meantime; those of
// [core.Status].
func Renumber(ctx context.Context, path, dir string, opts core.Options) ([]Renamed, error) {
	return renumber(ctx, path, dir, opts, (*file.DB).OpenRecover, func(r renaming) error { return r.do() })
}

// PlanRenumber returns what [Renumber] would do. It changes nothing.
func PlanRenumber(ctx context.Context, path, dir string, opts core.Options) ([]Renamed, error) {
	return renumber(ctx, path, dir, opts, (*file.DB).OpenRead, func(renaming) error { return nil })
}

// renumber calls do for each migration that needs another number.
func renumber(ctx context.Context, path, dir string, opts core.Options, open file.Opener, do func(renaming) error) (list []Renamed, err error) {
	defer core.Wrap(&err, fault.OpRenumber, path)
	list = []Renamed{}
	if dir, err = file.PlaceOf(opts.Trial).Files(dir); err != nil {
		return list, err
	}
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return list, err
	}
	s, err := d.Status(ctx, os.DirFS(dir), open)
	if err != nil {
		return list, err
	}
	move, err := toRenumber(s)
	if err != nil {
		return list, err
	}
	next := s.Version
	for _, m := range s.Migrations { // also those that were applied and are gone
		next = max(next, m.Version)
	}
	for _, m := range move {
		to, err := halfRenamed(s, dir, m)
		r := renaming{dir, m.Name, to, removeOld}
		if to == "" && err == nil {
			if next++; next > 9999 {
				err = errors.New("9999 is the highest version")
			}
			r.to, r.how = fmt.Sprintf("%04d%s", next, m.Name[4:]), rename
		}
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return list, fault.New(m.Name, err).AtVersion(s.Version)
		}
		list = append(list, Renamed{r.from, r.to})
	}
	return list, nil
}

// renaming gives a file of dir another name.
type renaming struct {
	dir, from, to string
	how           func(dir, from, to string) error
}

func (r renaming) do() error { return r.how(r.dir, r.from, r.to) }

// toRenumber returns the files that need another number.
func toRenumber(s upgrade.Status) (move []naming.Migration, err error) {
	for i, m := range s.Migrations {
		first := i == 0 || s.Migrations[i-1].Version != m.Version
		switch {
		case m.State == upgrade.StateOutOfOrder:
		case m.State != upgrade.StateDuplicate:
			continue
		case applied(s, m.Version): // another one has it
		case m.Version <= s.Version:
			return nil, fault.Of(fault.ErrDuplicate, "%s has the same version as another, and it is not recorded which of them was applied", m.Name)
		case first:
			continue
		}
		move = append(move, m.Migration)
	}
	return move, nil
}

// applied reports whether one of the files of a version was applied, or begun.
func applied(s upgrade.Status, version int) bool {
	for _, m := range s.Migrations {
		if m.Version == version && m.State != upgrade.StateDuplicate {
			return true
		}
	}
	return false
}

// rename gives a file another name, whose number no other file may have.
func rename(dir, from, to string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fault.WithoutPath(err)
	}
	for _, e := range entries {
		if len(e.Name()) >= 5 && e.Name()[:5] == to[:5] {
			return fault.Of(fs.ErrExist, "%s has taken its new number meanwhile", e.Name())
		}
	}
	return fault.WithoutPath(files.Rename(filepath.Join(dir, from), filepath.Join(dir, to)))
}

// halfRenamed returns the new name of a file that still has its old one too, because a
// renaming was interrupted; "" if it has none. That happens where the file system cannot
// rename without replacing, and to version 0.1. Error: [fault.ErrDuplicate] if it was
// applied by the new name.
func halfRenamed(s upgrade.Status, dir string, old naming.Migration) (string, error) {
	info, err := os.Lstat(filepath.Join(dir, old.Name))
	if err != nil {
		return "", fault.WithoutPath(err)
	}
	for _, m := range s.Migrations {
		if m.Version <= old.Version || m.Name[4:] != old.Name[4:] {
			continue
		}
		other, err := os.Lstat(filepath.Join(dir, m.Name))
		switch {
		case err != nil || !os.SameFile(info, other):
		case m.Version <= s.Version || m.Applied != nil:
			return "", fault.Of(fault.ErrDuplicate, "it is the same file as %s, which was applied: remove one of the two names", m.Name)
		default:
			return m.Name, nil
		}
	}
	return "", nil
}

// removeOld completes a renaming that has given the file its new name.
func removeOld(dir, old, _ string) error {
	if err := os.Remove(filepath.Join(dir, old)); err != nil {
		return fault.WithoutPath(err)
	}
	return files.SyncDir(dir)
}
