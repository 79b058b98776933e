// An existing database is put under version control. The invariant: it gets its version,
// its history and its file only after the migrations have made the same schema on a
// scratch database, and all of it or nothing.

package upgrade

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
	"fastmigrate/core/temp"
)

// Enrolled is what [Enroll] did.
type Enrolled struct {
	Version int    // of the database now
	File    string // path of the migration that was written; "" if none was
}

// Enroll puts a database under version control: at version if the migrations in dir up
// to it make its schema, or if version is 0, at 1, with a first migration in dir that
// makes it.
func Enroll(ctx context.Context, path, dir string, version int, opts Config) (e Enrolled, err error) {
	d, err := New(ctx, path, opts)
	if err != nil {
		return e, err
	}
	if err := filename.Plain(dir, dir); err != nil {
		return e, err
	}
	shown := dir
	if dir, err = file.PlaceOf(opts.Trial).Files(dir); err != nil {
		return e, err
	}
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return e, err
	}
	defer c.Close()
	if err := d.CheckEnrollable(c); err != nil {
		return e, err
	}
	list, _, err := opts.Kinds().List(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("%s: %w", shown, fault.WithoutPath(err))
	}
	if version == 0 {
		return d.enrollFirst(ctx, c, directory{dir, shown}, list)
	}
	m, err := naming.Find(list, version)
	if err != nil {
		return e, err
	}
	x := enrollment{Database: d, conn: c, fsys: os.DirFS(dir), last: m, replay: Replay{NoForeignKeyCheck: true}}
	return Enrolled{Version: version}, x.commit(ctx, nil)
}

// directory is one for migrations: where it really is, and as the caller wrote it.
type directory struct{ path, shown string }

// enrollFirst writes the first migration into dir, where list is what is there, and
// gives the database version 1.
func (d *Database) enrollFirst(ctx context.Context, c *sqlite.Conn, dir directory, list []naming.Migration) (e Enrolled, err error) {
	initial, err := d.initial(c)
	if err != nil {
		return e, err
	}
	first, text := naming.Migration{Version: 1, Name: "0001-initial.sql"}, []byte(initial)
	shown := filepath.Join(dir.shown, first.Name)
	if len(list) > 0 {
		there, err := naming.Read(ctx, os.DirFS(dir.path), list[0])
		if err != nil || len(list) > 1 || list[0] != first || !sameInitial(there, text) {
			return e, fault.Of(fs.ErrExist, "%s already has migrations, the first is %s", dir.shown, list[0].Name)
		}
		text = there
		d.Log().Warn(shown + " already exists with the same text: it is kept")
	}
	scratch, err := temp.Scratch(temp.Plain, filepath.Dir(d.Path))
	if err != nil {
		return e, err
	}
	defer os.RemoveAll(scratch)
	var written NewFiles
	x := enrollment{Database: d, conn: c, fsys: os.DirFS(scratch), last: first}
	try := func() error {
		if err := os.WriteFile(filepath.Join(scratch, first.Name), text, 0o600); err != nil {
			return err
		}
		return x.commit(ctx, func() error { return written.Write(ctx, filepath.Join(dir.path, first.Name), text) })
	}
	if err = try(); errors.Is(err, fault.ErrForeignKey) {
		text = withLine(text, 1, directive.NoForeignKeyCheck)
		err = try()
	}
	if err != nil {
		d.Withdraw(c, written)
		return e, err
	}
	e.Version = 1
	if len(written) > 0 {
		e.File = shown
	}
	return e, nil
}

// enrollment is an unversioned database, and the migrations that become its history.
type enrollment struct {
	*Database
	conn   *sqlite.Conn
	fsys   fs.FS
	last   naming.Migration // the database gets its version
	replay Replay
}

// commit gives the database its version if the migrations make its schema. It calls
// write last in the transaction; nil: there is nothing to write.
func (x enrollment) commit(ctx context.Context, write func() error) error {
	var replayed []schema.Object
	if !x.Opts.NoReplay {
		var err error
		if replayed, err = x.Replay(ctx, x.fsys, x.last.Version, x.replay); err != nil {
			return err
		}
	}
	text, err := naming.Read(ctx, x.fsys, x.last)
	if err != nil {
		return err
	}
	return x.Diagnose(x.Transact(x.conn, func() error {
		have, err := file.ManagedObjects(x.conn, x.Opts.IgnoreTables)
		if err != nil {
			return err
		}
		if !x.Opts.NoReplay {
			if err := CheckSchema(have, replayed, fmt.Sprintf("the migrations up to %04d do not produce its schema", x.last.Version)); err != nil {
				return err
			}
		}
		if err := x.Stamp(x.conn, x.last.Version); err != nil {
			return err
		}
		rec := history.New(x.last.Version, x.last.Name, text, nil)
		if err := x.Run(x.fsys).Finish(x.DB, x.conn, &rec); err != nil {
			return err
		}
		if err := x.ConfirmVersion(x.conn, x.last.Version); err != nil || write == nil {
			return err
		}
		return write()
	}))
}

// CheckEnrollable returns [fault.ErrVersioned] for a database that has a version. For one in
// which an application has a table of the name _meta_history, it sets Opts.NoHistory.
func (d *Database) CheckEnrollable(c *sqlite.Conn) error {
	if err := d.checkUnversioned(c); err != nil {
		return err
	}
	t, _, err := history.Find(c)
	if err != nil {
		return d.Diagnose(err)
	}
	d.skipTakenHistory(t)
	return nil
}

// checkUnversioned returns [fault.ErrVersioned] for a database that has a version.
func (d *Database) checkUnversioned(c *sqlite.Conn) error {
	v, err := d.Version(c)
	if err == nil {
		return fault.Of(fault.ErrVersioned, "is already versioned: it is at version %d", v)
	} else if !errors.Is(err, fault.ErrUnversioned) {
		return err
	}
	return nil
}

// Stamp gives an unversioned database a version, in the transaction that is open.
// Another process may have done it before: [fault.ErrVersioned].
func (d *Database) Stamp(c *sqlite.Conn, version int) error {
	if err := d.checkUnversioned(c); err != nil {
		return err
	}
	return createMeta(c, version)
}
