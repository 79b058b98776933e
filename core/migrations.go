package core

import (
	"io/fs"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// Migrations lists the migrations in fsys by version, without reading them, and the files
// that were probably meant as migrations but are none, even in subdirectories. The name
// must be NNNN-description.{sql,py,sh,star}; see [Options.Migrations] for other kinds.
// Errors: fault.ErrDuplicate; [fs.ErrNotExist] if fsys is a directory that does not
// exist; [ErrRefused] if the Python package would take the directory for that of another
// database engine.
func Migrations(fsys fs.FS) (list []naming.Migration, misnamed []naming.Misnamed, err error) {
	return Options{}.Migrations(fsys)
}

// Migrations is like the function [Migrations], but also lists the kinds of
// [Options.Runners]: it lists what [RunMigrations] applies.
func (o Options) Migrations(fsys fs.FS) (list []naming.Migration, misnamed []naming.Misnamed, err error) {
	return apply.Kinds(o.Runners).List(fsys)
}

// NoMigrations returns the error for a directory that has no migration, only these files.
func NoMigrations(found []naming.Misnamed) error { return naming.NoMigrations(found) }

// Migration is one file of a migrations directory, with the Version it leads to and its
// Name. Its Kind is the extension: sql, star, py, sh, or one of [Options.Runners].
type Migration = naming.Migration

// Misnamed is a file that was probably meant as a migration but is none. It has its Name in
// the directory, with slashes; Why it is none, such as "'-' is expected after the number";
// the Tool that names files this way, such as "goose or dbmate"; and the Rule, the name
// that would make it a migration. Tool and Rule are "" if unknown. In JSON it is only its
// name.
type Misnamed = naming.Misnamed
