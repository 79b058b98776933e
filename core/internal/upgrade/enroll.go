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

// Enrolled is what enroll did.
type Enrolled struct {
	Version int
	File    string
}

// Enroll puts a database under version control.
func Enroll(ctx context.Context, path, dir string, version int, opts Config) (e Enrolled, err error) {
	d, err := New(ctx, path, opts)
	if err != nil {
		return e, err
	}
	if err := filename.Plain(dir, dir); err != nil {
		return e, err
	}
	named := dir
	if dir, err = file.PlaceOf(opts.Trial).Files(dir); err != nil {
		return e, err
	}
	c, err := d.Write(ctx)
	if err != nil {
		return e, err
	}
	defer c.Close()
	if err := d.CheckUnversioned(c); err != nil {
		return e, err
	}
	t, _, err := history.Find(c)
	if err != nil {
		return e, d.Diagnose(err)
	}
	d.SkipTakenHistory(t)
	list, _, err := opts.Kinds().List(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("%s: %w", named, fault.WithoutPath(err))
	}
	if version != 0 {
		m, err := naming.Find(list, version)
		if err != nil {
			return e, err
		}
		return Enrolled{Version: version}, d.enroll(ctx, c, os.DirFS(dir), m, KeysAside, nil)
	}
	return d.enrollFirst(ctx, c, dir, named, list)
}

// enrollFirst is enrollDB with version 0. Named is how the caller wrote dir, and list
// what is in it.
func (d *Database) enrollFirst(ctx context.Context, c *sqlite.Conn, dir, named string, list []naming.Migration) (e Enrolled, err error) {
	initial, err := d.initial(c)
	if err != nil {
		return e, err
	}
	first, text := naming.Migration{Version: 1, Name: "0001-initial.sql"}, []byte(initial)
	file := filepath.Join(dir, first.Name)
	if len(list) > 0 {
		left, err := naming.Read(ctx, os.DirFS(dir), list[0])
		if err != nil || len(list) > 1 || list[0] != first || !sameInitial(left, text) {
			return e, fault.Of(fs.ErrExist, "%s has migrations already, %s the first", named, list[0].Name)
		}
		text = left
		d.Log().Warn(filepath.Join(named, first.Name) + " is there already, as it would be written: it is kept")
	}
	trial, err := temp.Scratch(temp.Plain, filepath.Dir(d.Path))
	if err != nil {
		return e, err
	}
	defer os.RemoveAll(trial)
	if err := os.WriteFile(filepath.Join(trial, first.Name), text, 0o600); err != nil {
		return e, err
	}
	var w NewFiles
	enroll := func() error {
		return d.enroll(ctx, c, os.DirFS(trial), first, ByTheRules, func() error { return w.Write(ctx, file, text) })
	}
	err = enroll()
	if errors.Is(err, fault.ErrForeignKey) {
		text = withLine(text, 1, directive.NoForeignKeyCheck)
		if err = os.WriteFile(filepath.Join(trial, first.Name), text, 0o600); err == nil {
			err = enroll()
		}
	}
	if err != nil {
		d.Withdraw(c, w)
		return e, err
	}
	e.Version = 1
	if len(w) > 0 {
		e.File = filepath.Join(named, first.Name)
	}
	return e, nil
}

// enroll gives the database the version of m if the migrations up to it make
// its schema. Before it is committed, write is called; nil: there is nothing to write.
func (d *Database) enroll(ctx context.Context, c *sqlite.Conn, fsys fs.FS, m naming.Migration, keys keyRules, write func() error) error {
	var replayed []schema.Object
	if !d.Opts.NoReplay {
		var err error
		if replayed, err = d.replay(ctx, fsys, m.Version, keys); err != nil {
			return err
		}
	}
	text, err := naming.Read(ctx, fsys, m)
	if err != nil {
		return err
	}
	return d.Diagnose(d.Transact(c, func() error {
		mine, err := file.Subject(c, d.Opts.IgnoreTables)
		if err != nil {
			return err
		}
		if !d.Opts.NoReplay {
			if err := CheckSchema(mine, replayed, fmt.Sprintf("the migrations up to %04d do not make its schema", m.Version)); err != nil {
				return err
			}
		}
		if err := d.Stamp(c, m.Version); err != nil {
			return err
		}
		rec := history.New(m.Version, m.Name, text, nil)
		if err := d.Run(fsys).Finish(d.DB, c, &rec); err != nil {
			return err
		}
		if err := d.Stays(c, m.Version); err != nil || write == nil {
			return err
		}
		return write()
	}))
}

// CheckUnversioned reports a database that has a version.
func (d *Database) CheckUnversioned(c *sqlite.Conn) error {
	v, err := d.Version(c)
	if err == nil {
		return fault.Of(fault.ErrVersioned, "is versioned already: it is at version %d", v)
	} else if !errors.Is(err, fault.ErrUnversioned) {
		return err
	}
	return nil
}

// Stamp makes a database a versioned one, unless another process was faster.
func (d *Database) Stamp(c *sqlite.Conn, version int) error {
	if err := d.CheckUnversioned(c); err != nil {
		return err
	}
	if err := c.Exec(file.CreateMeta); err != nil {
		return err
	}
	return c.Exec("INSERT INTO main._meta (id, version) VALUES (1, ?)", version)
}
