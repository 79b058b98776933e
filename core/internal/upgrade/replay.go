// What the migrations make of an empty database. The invariant: they run on a scratch
// database alone, which counts as this one, so that no program touches the original.

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

// Replay is how migrations are run on a scratch database.
type Replay struct {
	// Scratch is the path of the scratch database, which is created if it does not
	// exist. Empty: a temporary one, removed at the end.
	Scratch string

	// NoForeignKeyCheck permits rows that violate a foreign key, for those who only
	// ask for the schema. False: the rules are those of a real run.
	NoForeignKeyCheck bool

	// OnApplied is called after each migration, with the schema that it leaves. If
	// nil, no one is notified.
	OnApplied func(apply.Applied, []schema.Object)
}

// Replay runs the migrations of fsys up to version on a scratch database, and returns
// the schema that they make; none if version is 0. A migration that fails gives a
// [fault.Error] with its place: [fault.ErrAbsent] if only the application can run it, else
// [fault.ErrRefused].
func (d *Database) Replay(ctx context.Context, fsys fs.FS, version int, r Replay) ([]schema.Object, error) {
	if r.Scratch == "" {
		dir, err := temp.Scratch(temp.Plain, filepath.Dir(d.Path))
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		r.Scratch = filepath.Join(dir, "scratch.db")
	}
	opts := d.scratchConfig(version, r)
	var unseen error
	if r.OnApplied != nil {
		opts.OnApplied = func(a apply.Applied) {
			list, err := schemaOf(ctx, r.Scratch, opts)
			unseen = errors.Join(unseen, err)
			r.OnApplied(a, list)
		}
	}
	if _, _, err := Create(ctx, r.Scratch, opts); err != nil {
		return nil, err
	}
	if version == 0 {
		return nil, nil
	}
	if _, err := Run(ctx, r.Scratch, fsys, opts); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, onScratch(err)
	}
	list, err := schemaOf(ctx, r.Scratch, opts)
	return list, errors.Join(unseen, err)
}

// scratchConfig is the Config of a run on the scratch database.
func (d *Database) scratchConfig(version int, r Replay) Config {
	return Config{To: version, NoForeignKeyCheck: r.NoForeignKeyCheck || d.Opts.NoForeignKeyCheck, IgnoreTables: d.Opts.IgnoreTables,
		Runners: d.Opts.Runners, Python: d.Opts.Python, Shell: d.Opts.Shell, ScriptTimeout: d.Opts.ScriptTimeout,
		Logger: d.Opts.Logger, Output: d.Opts.Output, Trial: &file.Trial{
			Originals:    append([]string{d.Path, d.Original}, d.Originals()...),
			Sealed:       d.Sealed() || d.Opts.SkipPrograms,
			SkipPrograms: d.SkipsPrograms() || d.Opts.SkipPrograms,
		}}
}

// onScratch says of the failure of a migration that it happened on a scratch database.
func onScratch(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.File == "" {
		return err
	}
	is := fault.ErrRefused
	if catalog.LacksExtension(e.Err) {
		is = fault.ErrAbsent
	}
	at := fault.New(e.File, fault.Of(errors.Join(is, e.Err), "on a scratch database: %v", e.Err)).WithOutput(e.Output)
	at.Line, at.Column, at.Source, at.Shown = e.Line, e.Column, e.Source, e.Shown
	return at
}

// schemaOf reads the schema that migrations have made of the database at path.
func schemaOf(ctx context.Context, path string, opts Config) ([]schema.Object, error) {
	d, err := New(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	c, err := d.OpenRead(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list, err := file.ManagedObjects(c, d.Opts.IgnoreTables)
	return list, d.Diagnose(err)
}

// CheckSchema compares the schema that a database has with the one that its migrations
// make. The error is [fault.ErrRefused] with the first difference, introduced by but.
func CheckSchema(have, replayed []schema.Object, but string) error {
	if changes := schema.Compare(have, replayed); changes != nil {
		c := changes[0]
		return fault.Of(fault.ErrRefused, "%s: the %v", but, schema.Difference{Type: c.Type, Name: c.Name, Database: c.Before, Migrations: c.After})
	}
	return nil
}
