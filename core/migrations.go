package core

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// Migration is one file of a migrations directory.
type Migration struct {
	Version int    `json:"version"` // the version that it leads to
	Name    string `json:"name"`    // of the file
}

// Kind is the extension of the file: sql, star, py or sh.
func (m Migration) Kind() string { return strings.TrimPrefix(filepath.Ext(m.Name), ".") }

// isKind reports whether migrations have the extension.
func isKind(ext string) bool {
	switch ext {
	case ".sql", ".py", ".sh", ".star":
		return true
	}
	return false
}

// parseName reads NNNN-description.{sql,py,sh,star}. It is on the path of every
// start of an application, whatever the number of files.
func parseName(name string) (version int, ok bool) {
	if len(name) < len("0000-.py") || name[4] != '-' {
		return 0, false
	}
	for _, c := range []byte(name[:4]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		version = version*10 + int(c-'0')
	}
	if !isKind(filepath.Ext(name[5:])) || strings.ContainsFunc(name, control) {
		return 0, false
	}
	return version, version > 0
}

// IsMigration reports whether a file of that name, without directories, is a migration.
func IsMigration(name string) bool {
	_, ok := parseName(name)
	return ok
}

// control reports whether a name that holds r would be more than one line, or
// control the terminal that shows it.
func control(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// Migrations lists the migrations in fsys by version, without reading them, and
// the files that are no migrations but were probably meant as some, also those in
// subdirectories. The rule is NNNN-description.{sql,py,sh,star}. Errors: ErrDuplicate; fs.ErrNotExist if fsys is a
// directory that does not exist; ErrRefused for a directory that the Python
// package would not take for SQLite's.
func Migrations(fsys fs.FS) (list []Migration, misnamed []Misnamed, err error) {
	if list, misnamed, err = scanDir(fsys); err == nil {
		err = unique(list)
	}
	if err != nil {
		return nil, nil, err
	}
	return list, misnamed, nil
}

// scanDir is Migrations, also if some have the same version.
func scanDir(fsys fs.FS) (list []Migration, misnamed []Misnamed, err error) {
	misnamed = []Misnamed{}
	var others []Misnamed
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := e.Name()
		version, ok := parseName(name)
		regular := e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0
		switch {
		case e.IsDir():
			ours, theirs := below(fsys, name)
			misnamed, others = append(misnamed, ours...), append(others, theirs...)
			if ok {
				misnamed = append(misnamed, Misnamed{Name: name, Why: "it is a directory"})
			}
		case ok && !regular: // a pipe or a device
			misnamed = append(misnamed, Misnamed{Name: name, Why: "it is not a regular file"})
		case name == "config.py" && regular:
			return nil, nil, sayf(ErrRefused, "config.py: with it the Python fastmigrate migrates something else than an SQLite file, which this one does not")
		case ok:
			list = append(list, Migration{version, name})
		default:
			if m, near := nearMiss(name); near {
				misnamed = append(misnamed, m)
			}
		}
	}
	if len(list) == 0 { // else other things may well be named so, further down
		misnamed = append(misnamed, others...)
	}
	slices.SortStableFunc(list, func(a, b Migration) int { return a.Version - b.Version })
	return list, misnamed, nil
}

// unique reports migrations that have the same version.
func unique(list []Migration) error {
	var twice []string
	for i := 1; i < len(list); i++ {
		if a, b := list[i-1], list[i]; a.Version == b.Version {
			twice = append(twice, fmt.Sprintf("%s and %s have the same version", a.Name, b.Name))
		}
	}
	if twice == nil {
		return nil
	}
	return sayf(ErrDuplicate, "%s", strings.Join(twice, ", "))
}

// find gives the migration of a version.
func find(list []Migration, version int) (Migration, error) {
	for _, m := range list {
		if m.Version == version {
			return m, nil
		}
	}
	return Migration{}, sayf(fs.ErrNotExist, "there is no migration %04d", version)
}

// after gives the migrations with versions above from, up to to, or all if to
// is 0.
func after(list []Migration, from, to int) []Migration {
	var p []Migration
	for _, m := range list {
		if m.Version > from && (to == 0 || m.Version <= to) {
			p = append(p, m)
		}
	}
	return p
}
