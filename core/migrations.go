package core

import (
	"io/fs"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// Migrations lists the migrations in fsys by version, without reading them, and the files
// that were probably meant as migrations but are none, even in subdirectories. The rule is
// NNNN-description.{sql,py,sh,star}; see [Options.Migrations] for other kinds. Errors:
// fault.ErrDuplicate; fs.ErrNotExist if fsys is a directory that does not exist; ErrRefused
// for a directory that the Python package takes for another engine's.
func Migrations(fsys fs.FS) (list []naming.Migration, misnamed []naming.Misnamed, err error) {
	return Options{}.Migrations(fsys)
}

// Migrations is the function [Migrations] for the kinds of Runners too: it lists what
// [RunMigrations] applies.
func (o Options) Migrations(fsys fs.FS) (list []naming.Migration, misnamed []naming.Misnamed, err error) {
	return apply.Kinds(o.Runners).List(fsys)
}

// NoMigrations is the error for a directory that holds no migration but these files.
func NoMigrations(found []naming.Misnamed) error { return naming.NoMigrations(found) }

// Migration is one file of a migrations directory: the Version that it leads to, and
// its Name. Its Kind is the extension: sql, star, py, sh, or one of Options.Runners.
type Migration = naming.Migration

// Misnamed is a file that was probably meant as a migration but is none: its Name in the
// directory, with slashes; Why it is none, "'-' is expected after the number"; the Tool
// whose rule the name follows, "goose or dbmate"; and the Rule, the name that would make it
// a migration. Tool and Rule are "" if unknown. In JSON it is its name.
type Misnamed = naming.Misnamed
