package file

import (
	"context"
	"io/fs"
	"os"

	"fastmigrate/core/internal/standin"
)

// Trial says that a call works on copies. Migrations and their programs are kept away
// from the originals: a program gets nothing that names one of them, and a working
// directory of its own with the files of that of the process. No statement writes to a
// file beside the database.
type Trial struct {
	// Originals are the databases for which the one that is worked on stands.
	Originals []string

	// Place gives the files to work on. If nil, they are where their paths say, and
	// those are private already.
	Place Place

	// Sealed refuses every statement that would open a file beside the database, even
	// for reading, unless Place gives it a copy.
	Sealed bool

	// SkipPrograms skips .py and .sh migrations, which count as applied: the result
	// says what would have run.
	SkipPrograms bool
}

// Place, of a [Trial], gives private files in place of those that the paths of a call
// name. The call writes to nothing else; its messages name the originals. The paths of
// directories have no symbolic links, unless a method says otherwise. Methods may be
// called from several goroutines at once.
type Place interface {
	// Database returns the file to work on for a database. It is the path of t if that is
	// private already, or if opening it will fail.
	Database(ctx context.Context, t Target) (path string, err error)

	// Databases returns all files that Database gave, by the paths of their originals.
	Databases() map[string]string

	// Files returns a directory with copies of the files of the directory at path, which
	// may have links, to read them and to add others.
	Files(path string) (dir string, err error)

	// Dir returns the directory for new files of a directory. The files of the original
	// need not be in it: ReadDir lists both.
	Dir(original string) (dir string, err error)

	// Originals lists the directories for which dir stands; nil if there are none.
	Originals(dir string) []string

	// ReadDir lists the files of dir, and those of its originals that are not removed.
	ReadDir(dir string) ([]fs.DirEntry, error)

	// Remove marks as removed the file at path in a directory that Dir gave. The
	// original stays.
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

// Target returns what a [Place] has to know of d.
func (d *DB) Target() Target {
	return Target{Name: d.Name, Shown: d.Shown, Path: d.Path, Original: d.Original, Config: d.Config}
}

// IsTrial reports whether the call works on copies.
func (d *DB) IsTrial() bool { return d.Config.Trial != nil }

// Sealed is [Trial.Sealed]; false if the call is for real.
func (d *DB) Sealed() bool { return d.Config.Trial != nil && d.Config.Trial.Sealed }

// SkipsPrograms is [Trial.SkipPrograms]; false if the call is for real.
func (d *DB) SkipsPrograms() bool { return d.Config.Trial != nil && d.Config.Trial.SkipPrograms }

// Redirected reports whether a [Place] gives other files than the paths name.
func (d *DB) Redirected() bool { return d.Config.Trial != nil && d.Config.Trial.Place != nil }

// Place is [PlaceOf] the trial of d.
func (d *DB) Place() Place { return PlaceOf(d.Config.Trial) }

// PlaceOf is the Place of a trial. Without one, or if t is nil, files are where their
// paths say.
func PlaceOf(t *Trial) Place {
	if t == nil || t.Place == nil {
		return asNamed{}
	}
	return t.Place
}

// Originals is [OriginalsOf] the trial of d.
func (d *DB) Originals() []string { return OriginalsOf(d.Config.Trial) }

// OriginalsOf are the [Trial.Originals] of a trial; none if t is nil.
func OriginalsOf(t *Trial) []string {
	if t == nil {
		return nil
	}
	return t.Originals
}

// asNamed is the [Place] that leaves every path as it is.
type asNamed struct{}

func (asNamed) Database(_ context.Context, t Target) (string, error) { return t.Path, nil }
func (asNamed) Databases() map[string]string                         { return nil }
func (asNamed) Files(path string) (string, error)                    { return path, nil }
func (asNamed) Dir(original string) (string, error)                  { return original, nil }
func (asNamed) Originals(string) []string                            { return nil }
func (asNamed) ReadDir(dir string) ([]fs.DirEntry, error)            { return os.ReadDir(dir) }
func (asNamed) Remove(path string) error                             { return os.Remove(path) }
func (asNamed) TempDir(dir string) (string, error)                   { return ScratchDir(dir) }

// StandIns lists what the copy at path stands for; nothing if it is the database itself.
func (d *DB) StandIns(path string) (list standin.List) {
	list.Add(d.Path, path)
	list.Add(d.Original, path)
	for _, original := range d.Originals() {
		list.Add(original, path)
	}
	if d.IsTrial() { // and for the database that programs usually work on
		list.Add(os.Getenv(standin.Variable), path)
	}
	for original, twin := range d.Place().Databases() {
		list.Add(original, twin)
	}
	return list
}
