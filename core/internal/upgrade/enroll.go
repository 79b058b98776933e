package upgrade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
	"fastmigrate/core/temp"
)

// enrolled is what enroll did.
type enrolled struct {
	Version int
	File    string
}

// EnrollDB puts a database under version control.
func EnrollDB(ctx context.Context, path, dir string, version int, o Config) (e enrolled, err error) {
	d, err := New(ctx, path, o)
	if err != nil {
		return e, err
	}
	if err := filename.Plain(dir, dir); err != nil {
		return e, err
	}
	named := dir
	if dir, err = file.PlaceOf(o.Trial).Files(dir); err != nil {
		return e, err
	}
	c, err := d.Write(ctx)
	if err != nil {
		return e, err
	}
	defer c.Close()
	if err := d.Unversioned(c); err != nil {
		return e, err
	}
	t, _, err := history.Find(c)
	if err != nil {
		return e, d.Diagnose(err)
	}
	d.Unrecorded(t)
	list, _, err := o.Kinds().List(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("%s: %w", named, fault.WithoutPath(err))
	}
	if version != 0 {
		m, err := naming.Find(list, version)
		if err != nil {
			return e, err
		}
		return enrolled{Version: version}, d.enroll(ctx, c, os.DirFS(dir), m, KeysAside, nil)
	}
	return d.enrollFirst(ctx, c, dir, named, list)
}

// enrollFirst is enrollDB with version 0. Named is how the caller wrote dir, and list
// what is in it.
func (d *Database) enrollFirst(ctx context.Context, c *sqlite.Conn, dir, named string, list []naming.Migration) (e enrolled, err error) {
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
	var w Written
	enroll := func() error {
		return d.enroll(ctx, c, os.DirFS(trial), first, ByTheRules, func() error { return w.Put(ctx, file, text) })
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

// sameInitial reports whether a file is what initial gives, perhaps of another day:
// the first line has the date.
func sameInitial(file, text []byte) bool {
	head, file, _ := bytes.Cut(bytes.TrimPrefix(file, plan.Bom), []byte("\n"))
	_, text, _ = bytes.Cut(text, []byte("\n"))
	unchecked := withLine(text, 0, directive.NoForeignKeyCheck)
	return bytes.HasPrefix(head, []byte(initialHead)) && (plan.Checksum(file) == plan.Checksum(text) || plan.Checksum(file) == plan.Checksum(unchecked))
}

// withLine is a text with another line after the first n.
func withLine(text []byte, n int, line string) []byte {
	lines := bytes.SplitAfterN(text, []byte("\n"), n+1)
	return bytes.Join(slices.Insert(lines, n, []byte(line+"\n")), nil)
}

const initialHead = "-- The schema of "

// enroll gives the database the version of m if the migrations up to it make
// its schema. Before it is committed, write is called; nil: there is nothing to write.
func (d *Database) enroll(ctx context.Context, c *sqlite.Conn, fsys fs.FS, m naming.Migration, keys keyRules, write func() error) error {
	var replayed []schema.Object
	if !d.O.NoReplay {
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
		mine, err := file.Subject(c, d.O.IgnoreTables)
		if err != nil {
			return err
		}
		if !d.O.NoReplay {
			if err := Proven(mine, replayed, fmt.Sprintf("the migrations up to %04d do not make its schema", m.Version)); err != nil {
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

// Unversioned reports a database that has a version.
func (d *Database) Unversioned(c *sqlite.Conn) error {
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
	if err := d.Unversioned(c); err != nil {
		return err
	}
	if err := c.Exec(file.CreateMeta); err != nil {
		return err
	}
	return c.Exec("INSERT INTO main._meta (id, version) VALUES (1, ?)", version)
}

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
	o := Config{To: version, NoForeignKeyCheck: keys == KeysAside || d.O.NoForeignKeyCheck, IgnoreTables: d.O.IgnoreTables, Runners: d.O.Runners, Python: d.O.Python, Shell: d.O.Shell, ScriptTimeout: d.O.ScriptTimeout,
		Logger: d.O.Logger, Output: d.O.Output, Trial: &file.Trial{
			Originals:    append([]string{d.Path, d.Original}, d.Originals()...),
			Sealed:       d.Sealed() || d.O.SkipPrograms,
			SkipPrograms: d.Skips() || d.O.SkipPrograms,
		}}
	var unseen error
	if made != nil {
		o.OnApplied = func(a apply.Applied) {
			list, err := schemaMade(ctx, scratch, o)
			unseen = errors.Join(unseen, err)
			made(a, list)
		}
	}
	if _, _, err := Create(ctx, scratch, o); err != nil {
		return nil, err
	}
	if version == 0 {
		return nil, nil
	}
	if _, err := Run(ctx, scratch, fsys, o); err != nil {
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
	list, err := schemaMade(ctx, scratch, o)
	return list, errors.Join(unseen, err)
}

// schemaMade is what the migrations have made of a scratch database.
func schemaMade(ctx context.Context, scratch string, o Config) ([]schema.Object, error) {
	s, err := New(ctx, scratch, o)
	if err != nil {
		return nil, err
	}
	c, err := s.Read(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list, err := file.Subject(c, s.O.IgnoreTables)
	return list, s.Diagnose(err)
}

// initial is the migration that makes the schema of the open database.
func (d *Database) initial(c *sqlite.Conn) (string, error) {
	list, err := file.Subject(c, d.O.IgnoreTables)
	if err != nil {
		return "", d.Diagnose(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, initialHead+"%q on %s, as it was when the database was enrolled.\n", filepath.Base(d.Name), time.Now().Format(time.DateOnly))
	b.WriteString("-- It makes the same tables, indexes, views and triggers in a new database, but no\n-- rows: add those that the application cannot do without.\n")
	for _, p := range []string{"application_id", "user_version"} {
		n, err := c.Int("PRAGMA " + p)
		if err != nil {
			return "", d.Diagnose(err)
		}
		if n != 0 {
			fmt.Fprintf(&b, "\nPRAGMA %s = %d;\n", p, n)
		}
	}
	for _, o := range list {
		sql, err := o.IfNotExists()
		if err != nil {
			return "", err
		}
		b.WriteString("\n" + sql)
	}
	return b.String(), nil
}

// Proven reports where the schema of a database is not what its migrations make,
// after what is to be said of it.
func Proven(mine, replayed []schema.Object, but string) error {
	if changes := schema.Compare(mine, replayed); changes != nil {
		c := changes[0]
		return fault.Of(fault.ErrRefused, "%s: the %v", but, schema.Difference{Type: c.Type, Name: c.Name, Database: c.Before, Migrations: c.After})
	}
	return nil
}
