// The proof of a generated migration. The invariant: it runs on private copies alone.

package drift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
)

// prove applies the migration m to the scratch database and to a copy of the database. The
// error is [core.ErrRefused] if it fails, or does not do what it should.
func (d *comparison) prove(ctx context.Context, dir string, m naming.Migration, sql string) error {
	refuse := func(where string, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		e, source := (*fault.Error)(nil), ""
		if errors.As(err, &e) {
			err, source = e.Err, e.Source
		}
		e = fault.New("", fault.Of(fault.ErrRefused, "no migration is written, because it would not work on %s: %v", where, err))
		e.Source = source
		return e
	}
	proof := filepath.Join(d.dir, "migrations")
	if err := os.Mkdir(proof, 0o700); err != nil {
		return err
	}
	if err := files.CopyPlain(dir, proof, file.Present); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(proof, m.Name), []byte(sql), 0o600); err != nil {
		return err
	}
	made, err := d.Replay(ctx, os.DirFS(proof), m.Version, upgrade.Replay{Scratch: d.scratch(), NoForeignKeyCheck: true})
	if err == nil {
		err = checkSame(made, d.have)
	}
	if err != nil {
		return refuse("a database that the migrations made", err)
	}
	before := filepath.Join(d.dir, "before.db")
	if err := d.CopyTo(ctx, before, 0o600); err != nil {
		return err
	}
	after := filepath.Join(d.dir, "after.db")
	if err := files.Copy(before, after); err != nil {
		return err
	}
	opts := core.Options{Trial: &file.Trial{Sealed: true, SkipPrograms: true}, LockTimeout: d.Opts.LockTimeout, AllowMissing: d.Opts.AllowMissing, NoForeignKeyCheck: d.Opts.NoForeignKeyCheck, Runners: d.Opts.Runners}
	_, err = core.RunMigrations(ctx, after, os.DirFS(proof), opts)
	if err == nil {
		err = d.checkUnchanged(ctx, before, after)
	}
	if err != nil {
		return refuse("a copy of "+d.Name, err)
	}
	return nil
}

// checkSame reports the first difference of two schemas.
func checkSame(a, b []schema.Object) error {
	for _, diff := range schema.Compare(a, b) {
		return fmt.Errorf("then the %s %s still differs", diff.Type, diff.Name)
	}
	return nil
}

// checkUnchanged reports a difference between the databases at path and before, of the
// schema or of rows.
func (d *comparison) checkUnchanged(ctx context.Context, before, path string) error {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	now, err := file.ManagedObjects(c, d.Opts.IgnoreTables)
	if err == nil {
		err = checkSame(now, d.have)
	}
	if err == nil {
		err = c.Exec("ATTACH ? AS before", before)
	}
	if err != nil {
		return err
	}
	for _, o := range now {
		if o.Type != "table" || o.Virtual() {
			continue
		}
		t := sqlite.Quote(o.Name)
		same, err := c.Int(fmt.Sprintf(`SELECT (SELECT count(*) FROM main.%[1]s) = (SELECT count(*) FROM before.%[1]s)
			AND NOT EXISTS (SELECT * FROM before.%[1]s EXCEPT SELECT * FROM main.%[1]s)`, t))
		if err != nil {
			return err
		}
		if same == 0 {
			return fmt.Errorf("it would change rows of the table %s", o.Name)
		}
	}
	return nil
}
