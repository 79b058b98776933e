// Package naming decides by their names which files are migrations, NNNN-description.KIND,
// and which others were probably meant as one.
//
// The invariant: only the name decides, and no file is read. A file that follows the
// rule is never reported as misnamed.
package naming

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"fastmigrate/core/fault"
)

// Migration is one file of a migrations directory.
type Migration struct {
	Version int    `json:"version"` // of the database after it
	Name    string `json:"name"`    // of the file
}

// Kind is the extension of the file without its dot: sql, star, py, sh, or one of
// Options.Runners.
func (m Migration) Kind() string { return strings.TrimPrefix(filepath.Ext(m.Name), ".") }

// Way is how the migrations of a kind are applied.
type Way int

const (
	None    Way = iota // not at all: it is no migration
	SQL                // statements
	Runner             // a Runner, in a transaction of ours
	Program            // a program of its own
)

// Ways are the extensions that migrations can always have.
var Ways = map[string]Way{"sql": SQL, "star": Runner, "py": Program, "sh": Program}

// Kinds are the extensions that migrations can have beside those of [Ways].
type Kinds []string

// Way is how a file with this extension is applied; [None] if it is no migration.
func (k Kinds) Way(extension string) Way {
	if w := Ways[extension]; w != None || !slices.Contains(k, extension) {
		return w
	}
	return Runner
}

// check reports an extension that no file can have, or that is not free.
func (k Kinds) check() error {
	for _, extension := range k {
		switch {
		case Ways[extension] == SQL, Ways[extension] == Program:
			return fmt.Errorf("Options.Runners: %q: this package runs such migrations itself", extension)
		case extension == "" || filepath.Ext("."+extension) != "."+extension || strings.ContainsAny(extension, `/\`):
			return fmt.Errorf("Options.Runners: %q is not an extension without its dot", extension)
		}
	}
	return nil
}

// parseName reads NNNN-description.KIND. It must be fast: an application calls it for
// every file each time it starts.
func (k Kinds) parseName(name string) (version int, ok bool) {
	if len(name) < len("0000-.x") || name[4] != '-' {
		return 0, false
	}
	for _, c := range []byte(name[:4]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		version = version*10 + int(c-'0')
	}
	if k.Way(strings.TrimPrefix(filepath.Ext(name[5:]), ".")) == None || strings.ContainsFunc(name, control) {
		return 0, false
	}
	return version, version > 0
}

// IsMigration reports whether a file of that name, without directories, is a migration
// of one of the [Ways].
func IsMigration(name string) bool {
	_, ok := Kinds(nil).parseName(name)
	return ok
}

// control reports whether a name that holds r would be more than one line, or
// control the terminal that shows it.
func control(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// List returns the migrations in fsys by version, and the files that were probably meant
// as migrations. Errors: [fault.ErrDuplicate]; [fault.ErrRefused]
// for a directory that the Python package treats differently; those of fsys.
func (k Kinds) List(fsys fs.FS) (list []Migration, misnamed []Misnamed, err error) {
	if list, misnamed, err = k.Scan(fsys); err == nil {
		err = cmp.Or(CheckUnique(list), CheckOneFile(fsys, list))
	}
	if err != nil {
		return nil, nil, err
	}
	return list, misnamed, nil
}

// Scan is [Kinds.List], even if several migrations have the same version.
func (k Kinds) Scan(fsys fs.FS) (list []Migration, misnamed []Misnamed, err error) {
	if err := k.check(); err != nil {
		return nil, nil, err
	}
	misnamed = []Misnamed{}
	var others []Misnamed
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := e.Name()
		version, ok := k.parseName(name)
		regular := e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0
		switch {
		case e.IsDir():
			ours, theirs := k.below(fsys, name)
			misnamed, others = append(misnamed, ours...), append(others, theirs...)
			if ok {
				misnamed = append(misnamed, Misnamed{Name: name, Why: "it is a directory"})
			}
		case name == "config.py" && regular:
			return nil, nil, fault.Of(fault.ErrRefused, "config.py: it makes the Python fastmigrate migrate something other than an SQLite file, which this program cannot do")
		case ok:
			if list == nil {
				list = make([]Migration, 0, len(entries))
			}
			list = append(list, Migration{version, name})
		default:
			if m, near := k.nearMiss(name); near {
				misnamed = append(misnamed, m)
			}
		}
	}
	if len(list) == 0 { // otherwise files further down may well have such names
		misnamed = append(misnamed, others...)
	}
	if len(list)+len(misnamed) == 0 {
		misnamed = append(misnamed, k.further(fsys, ".", deep)...)
	}
	slices.SortStableFunc(list, func(a, b Migration) int { return a.Version - b.Version })
	return list, misnamed, nil
}

// CheckUnique reports migrations of a sorted list that have the same version. Errors:
// [fault.ErrDuplicate].
func CheckUnique(list []Migration) error {
	var twice []string
	for i := 1; i < len(list); i++ {
		if a, b := list[i-1], list[i]; a.Version == b.Version {
			twice = append(twice, fmt.Sprintf("%s and %s have the same version", a.Name, b.Name))
		}
	}
	if twice == nil {
		return nil
	}
	return fault.Of(fault.ErrDuplicate, "%s", strings.Join(twice, ", "))
}

// CheckOneFile reports a file with two names, as an interrupted renaming leaves it: it
// is one migration, and would be applied twice. Only files with the same description are
// compared, and a symbolic link is a file of its own. Errors: [fault.ErrDuplicate].
func CheckOneFile(fsys fs.FS, list []Migration) error {
	first := make(map[string]string, len(list))
	for _, m := range list {
		before, ok := first[m.Name[4:]]
		if !ok {
			first[m.Name[4:]] = m.Name
			continue
		}
		a, errA := fs.Lstat(fsys, before)
		b, errB := fs.Lstat(fsys, m.Name)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			return fault.Of(fault.ErrDuplicate, "%s and %s are the same file", before, m.Name)
		}
	}
	return nil
}

// Find returns the migration of a version. Errors: [fault.ErrNoVersion].
func Find(list []Migration, version int) (Migration, error) {
	for _, m := range list {
		if m.Version == version {
			return m, nil
		}
	}
	if n := len(list); n > 0 && version > list[n-1].Version {
		return Migration{}, fault.Of(fault.ErrNoVersion, "there is no migration %04d: the last is %s", version, list[n-1].Name)
	}
	return Migration{}, fault.Of(fault.ErrNoVersion, "there is no migration %04d", version)
}

// Between returns the migrations with versions above from, up to to; if to is 0, all
// above from.
func Between(list []Migration, from, to int) []Migration {
	var p []Migration
	for _, m := range list {
		if m.Version > from && (to == 0 || m.Version <= to) {
			p = append(p, m)
		}
	}
	return p
}

// Versions returns the versions of migrations.
func Versions(list []Migration) (versions []int) {
	for _, m := range list {
		versions = append(versions, m.Version)
	}
	return versions
}
