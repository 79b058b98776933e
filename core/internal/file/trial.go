package file

import (
	"context"
	"io/fs"
	"os"

	"fastmigrate/core/internal/standin"
)

// Trial says that what a call does is not for real. Migrations and their programs are
// kept off the databases for which others stand: a program is handed nothing that
// names one of them, and has a working directory of its own, in which it finds what is
// in that of the process. No statement writes to a file beside the database.
type Trial struct {
	// Originals are databases for which the one that is worked on stands.
	Originals []string

	// Place is where the files are that are worked on. Nil: where their paths say,
	// as those are private.
	Place Place

	// Sealed refuses each statement that would open a file beside the database, and
	// not only what would write to one.
	Sealed bool

	// SkipPrograms passes over .py and .sh migrations, which count as applied: Skipped
	// of an [Applied] says what would have run.
	SkipPrograms bool
}

// Place, of a [IsTrial], gives private files for those that the paths of a call name. All that the
// call writes, it writes to them; its messages name the originals. Directories are
// given to it by their paths without symbolic links, unless a method says otherwise.
// It may be asked from several goroutines at once.
type Place interface {
	// Database gives the file to work on for a database: its own path, if it is
	// private already, or is refused by whoever opens it.
	Database(ctx context.Context, t Target) (path string, err error)

	// Databases gives all files that Database gave, by the paths of the originals.
	Databases() map[string]string

	// Files gives a directory with the files of the one at any path, for who reads
	// what is there and adds to it.
	Files(path string) (dir string, err error)

	// Dir gives the directory for what is made anew in one. What is in the original
	// need not be there: ReadDir lists both.
	Dir(original string) (dir string, err error)

	// Originals lists the directories for which dir stands; nil: for none.
	Originals(dir string) []string

	// ReadDir lists what is in dir, and of its originals what is not removed.
	ReadDir(dir string) ([]fs.DirEntry, error)

	// Remove has the file be gone that is, or would be, at path in a directory that
	// Dir gave. The original stays.
	Remove(path string) error

	// TempDir makes a directory for a program that works on the database in dir.
	TempDir(dir string) (string, error)
}

// Target is a database that a call works on.
type Target struct {
	Name     string // as the caller gave it
	Shown    string // what messages call its file where they name others beside it
	Path     string // absolute, of the file that is worked on
	Original string // absolute, of the file for which that stands; "" for none
	Config   Config
}

func (d *DB) Target() Target {
	return Target{Name: d.Name, Shown: d.Shown, Path: d.Path, Original: d.Original, Config: d.Config}
}

// IsTrial reports whether what is done is not for real.
func (d *DB) IsTrial() bool { return d.Config.Trial != nil }

// Sealed reports whether no statement may open another file.
func (d *DB) Sealed() bool { return d.Config.Trial != nil && d.Config.Trial.Sealed }

// SkipsPrograms reports whether programs are skipped.
func (d *DB) SkipsPrograms() bool { return d.Config.Trial != nil && d.Config.Trial.SkipPrograms }

// Redirected reports whether files are not where their paths say.
func (d *DB) Redirected() bool { return d.Config.Trial != nil && d.Config.Trial.Place != nil }

// Place is where files are.
func (d *DB) Place() Place { return PlaceOf(d.Config.Trial) }

// PlaceOf is where files are in a trial; nil: where their paths say.
func PlaceOf(t *Trial) Place {
	if t == nil || t.Place == nil {
		return asNamed{}
	}
	return t.Place
}

// Originals are the databases for which the one that is worked on stands.
func (d *DB) Originals() []string { return OriginalsOf(d.Config.Trial) }

// OriginalsOf are the originals of a trial; nil has none.
func OriginalsOf(t *Trial) []string {
	if t == nil {
		return nil
	}
	return t.Originals
}

// asNamed is where files are as their paths say.
type asNamed struct{}

func (asNamed) Database(_ context.Context, t Target) (string, error) { return t.Path, nil }
func (asNamed) Databases() map[string]string                         { return nil }
func (asNamed) Files(path string) (string, error)                    { return path, nil }
func (asNamed) Dir(original string) (string, error)                  { return original, nil }
func (asNamed) Originals(string) []string                            { return nil }
func (asNamed) ReadDir(dir string) ([]fs.DirEntry, error)            { return os.ReadDir(dir) }
func (asNamed) Remove(path string) error                             { return os.Remove(path) }
func (asNamed) TempDir(dir string) (string, error)                   { return ScratchDir(dir) }

// StandIns lists what the copy at path stands for; nil if it is the database itself.
func (d *DB) StandIns(path string) (list standin.List) {
	list.Add(d.Path, path)
	list.Add(d.Original, path)
	for _, original := range d.Originals() {
		list.Add(original, path)
	}
	if d.IsTrial() { // for whatever is worked on usually
		list.Add(os.Getenv(standin.Variable), path)
	}
	for original, twin := range d.Place().Databases() {
		list.Add(original, twin)
	}
	return list
}
