// What migrations make of an empty database.

package upgrade

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/schema"
	"fastmigrate/core/temp"
)

// replay runs the migrations up to version on a scratch database, which stands for
// this one, and gives the schema that they make.
func (d *Database) replay(ctx context.Context, fsys fs.FS, version int, keys keyRules) ([]schema.Object, error) {
	dir, err := temp.Scratch(temp.Plain, filepath.Dir(d.Path))
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return d.ReplayOn(ctx, filepath.Join(dir, "scratch.db"), fsys, version, keys, nil)
}

// keyRules is whether what is run again may add violations of foreign keys.
type keyRules bool

const (
	KeysAside  keyRules = false // it may: only the schema is asked for
	ByTheRules keyRules = true  // as in a real run: the files are new
)

// ReplayOn is replay on the scratch database given, made if it is not there, and
// tells the schema after each migration that it runs. Nil: nobody is told.
func (d *Database) ReplayOn(ctx context.Context, scratch string, fsys fs.FS, version int, keys keyRules, made func(apply.Applied, []schema.Object)) ([]schema.Object, error) {
	opts := Config{To: version, NoForeignKeyCheck: keys == KeysAside || d.Opts.NoForeignKeyCheck, IgnoreTables: d.Opts.IgnoreTables, Runners: d.Opts.Runners, Python: d.Opts.Python, Shell: d.Opts.Shell, ScriptTimeout: d.Opts.ScriptTimeout,
		Logger: d.Opts.Logger, Output: d.Opts.Output, Trial: &file.Trial{
			Originals:    append([]string{d.Path, d.Original}, d.Originals()...),
			Sealed:       d.Sealed() || d.Opts.SkipPrograms,
			SkipPrograms: d.Skips() || d.Opts.SkipPrograms,
		}}
	var unseen error
	if made != nil {
		opts.OnApplied = func(a apply.Applied) {
			list, err := schemaOf(ctx, scratch, opts)
			unseen = errors.Join(unseen, err)
			made(a, list)
		}
	}
	if _, _, err := Create(ctx, scratch, opts); err != nil {
		return nil, err
	}
	if version == 0 {
		return nil, nil
	}
	if _, err := Run(ctx, scratch, fsys, opts); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var e *fault.Error
		if errors.As(err, &e) && e.File != "" {
			is := fault.ErrRefused
			if catalog.Lacking(e.Err) {
				is = fault.ErrAbsent
			}
			at := fault.New(e.File, fault.Of(errors.Join(is, e.Err), "on a scratch database: %v", e.Err)).Printed(e.Output)
			at.Line, at.Column, at.Source, at.Shown = e.Line, e.Column, e.Source, e.Shown
			return nil, at
		}
		return nil, err
	}
	list, err := schemaOf(ctx, scratch, opts)
	return list, errors.Join(unseen, err)
}

// schemaOf is what the migrations have made of a scratch database.
func schemaOf(ctx context.Context, scratch string, opts Config) ([]schema.Object, error) {
	s, err := New(ctx, scratch, opts)
	if err != nil {
		return nil, err
	}
	c, err := s.Read(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list, err := file.Subject(c, s.Opts.IgnoreTables)
	return list, s.Diagnose(err)
}

// CheckSchema reports where the schema of a database is not what its migrations make,
// after what is to be said of it.
func CheckSchema(mine, replayed []schema.Object, but string) error {
	if changes := schema.Compare(mine, replayed); changes != nil {
		c := changes[0]
		return fault.Of(fault.ErrRefused, "%s: the %v", but, schema.Difference{Type: c.Type, Name: c.Name, Database: c.Before, Migrations: c.After})
	}
	return nil
}
