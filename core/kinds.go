package core

import (
	"io/fs"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// Migrations lists the migrations in fsys by version, without reading them, and
// the files that are no migrations but were probably meant as some, also those in
// subdirectories. The rule is NNNN-description.{sql,py,sh,star}; kinds that only
// Options.Runners know are listed by [Options.Migrations]. Errors: ErrDuplicate;
// fs.ErrNotExist if fsys is a directory that does not exist; ErrRefused for a
// directory that the Python package would not take for SQLite's.
func Migrations(fsys fs.FS) (list []naming.Migration, misnamed []naming.Misnamed, err error) {
	return Options{}.Migrations(fsys)
}

// Migrations is the function Migrations, and also lists the files that end in an
// extension of Runners: those are what RunMigrations applies.
func (o Options) Migrations(fsys fs.FS) (list []naming.Migration, misnamed []naming.Misnamed, err error) {
	return apply.Kinds(o.Runners).List(fsys)
}

// NoMigrations is the error of a directory in which nothing but these was found.
func NoMigrations(found []naming.Misnamed) error { return naming.NoMigrations(found) }

// Migration is one file of a migrations directory: the Version that it leads to, and
// its Name. Its Kind is the extension: sql, star, py, sh, or one of Options.Runners.
type Migration = naming.Migration

// Misnamed is a file that is no migration but was probably meant as one: its Name in
// the directory, with slashes; Why it is none, "'-' is expected after the number"; the
// Tool whose rule the name follows, as "goose or dbmate"; and the Rule: the name with
// which it would be a migration. The last two are "" if they are not known. In JSON it
// is its name.
type Misnamed = naming.Misnamed
