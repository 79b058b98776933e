package core

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Migration is one file of a migrations directory.
type Migration struct {
	Version int    `json:"version"` // the version that it leads to
	Name    string `json:"name"`    // of the file
}

// Kind is the extension of the file: sql, star, py or sh.
func (m Migration) Kind() string { return strings.TrimPrefix(filepath.Ext(m.Name), ".") }

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
	switch filepath.Ext(name[5:]) {
	case ".sql", ".py", ".sh", ".star":
		return version, version > 0
	}
	return 0, false
}

// almost reports whether a name looks as if it was meant to follow the rule.
func almost(name string) bool {
	if name == "" || name[0] < '0' || name[0] > '9' {
		return false
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".sql", ".py", ".sh", ".star":
		return true
	}
	return false
}

// Migrations lists the migrations in fsys by version, without reading them, and
// the names of files that almost follow the rule NNNN-description.{sql,py,sh,star}:
// those are no migrations. Errors: ErrDuplicate; fs.ErrNotExist if fsys is a
// directory that does not exist; ErrRefused for a directory that the Python
// package would not take for SQLite's.
func Migrations(fsys fs.FS) (list []Migration, misnamed []string, err error) {
	if list, misnamed, err = scanDir(fsys); err == nil {
		err = unique(list)
	}
	if err != nil {
		return nil, nil, err
	}
	return list, misnamed, nil
}

// scanDir is Migrations, also if some have the same version.
func scanDir(fsys fs.FS) (list []Migration, misnamed []string, err error) {
	misnamed = []string{}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := e.Name()
		version, ok := parseName(name)
		switch {
		case e.IsDir():
		case name == "config.py":
			return nil, nil, sayf(ErrRefused, "config.py: with it the Python fastmigrate migrates something else than an SQLite file, which this one does not")
		case ok:
			list = append(list, Migration{version, name})
		case almost(name):
			misnamed = append(misnamed, name)
		}
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
