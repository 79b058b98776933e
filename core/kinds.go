package core

import (
	"io/fs"
	"maps"
	"slices"

	"fastmigrate/core/internal/history"
)

// Migrations lists the migrations in fsys by version, without reading them, and
// the files that are no migrations but were probably meant as some, also those in
// subdirectories. The rule is NNNN-description.{sql,py,sh,star}; kinds that only
// Options.Runners know are listed by [Options.Migrations]. Errors: ErrDuplicate;
// fs.ErrNotExist if fsys is a directory that does not exist; ErrRefused for a
// directory that the Python package would not take for SQLite's.
func Migrations(fsys fs.FS) (list []Migration, misnamed []Misnamed, err error) {
	return Options{}.Migrations(fsys)
}

// Migrations is the function Migrations, and also lists the files that end in an
// extension of Runners: those are what RunMigrations applies.
func (o Options) Migrations(fsys fs.FS) (list []Migration, misnamed []Misnamed, err error) {
	return o.kinds().list(fsys)
}

// kinds are those of the Runners.
func (o Options) kinds() runnerKinds { return slices.Sorted(maps.Keys(o.Runners)) }

// IsMigration reports whether a file of that name, without directories, is a migration.
func IsMigration(name string) bool {
	return isMigration(name)
}

// NoMigrations is the error of a directory in which nothing but these was found.
func NoMigrations(found []Misnamed) error { return noMigrations(found) }

// wayOf is how the migration of a record was applied.
func wayOf(r history.Record) way {
	if w := ways[Migration{Name: r.File}.Kind()]; w != noKind {
		return w
	}
	return byRunner
}
