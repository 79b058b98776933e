package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fastmigrate/core/internal/sqlite"
)

// Enrolled is what EnrollDB did.
type Enrolled struct {
	Version int    `json:"version"`        // of the database now
	File    string `json:"file,omitempty"` // path of the migration that was written
}

// EnrollDB makes a database that was made elsewhere a versioned one. With
// version 0 it writes the migration 0001-initial.sql, which makes the schema of
// the database, into the directory dir, made if needed, and gives the database
// version 1. With another version the migrations in dir up to it are the
// database's history, and nothing is written to dir. Before the database gets
// its version, the migrations are run on a scratch database, which must come to
// have the same schema.
//
// Errors: ErrVersioned; fs.ErrExist if version is 0 and dir has migrations;
// ErrRefused if the schemas differ; those of Version.
func EnrollDB(ctx context.Context, path, dir string, version int, o Options) (e Enrolled, err error) {
	defer wrap(&err, "enroll", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return e, err
	}
	named := dir
	if o.Rehearsal != nil {
		if dir, err = o.Rehearsal.copyDir(dir); err != nil {
			return e, err
		}
	}
	c, err := d.write(ctx)
	if err != nil {
		return e, err
	}
	defer c.Close()
	if err := d.unversioned(c); err != nil {
		return e, err
	}
	list, _, err := Migrations(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("%s: %w", named, cause(err))
	}
	if version != 0 {
		m, err := find(list, version)
		if err != nil {
			return e, err
		}
		return Enrolled{Version: version}, d.enroll(ctx, c, os.DirFS(dir), m)
	}
	if len(list) > 0 {
		return e, sayf(fs.ErrExist, "%s has migrations already, %s the first", named, list[0].Name)
	}
	file := filepath.Join(dir, "0001-initial.sql")
	made := missing(dir)
	if err := d.writeInitial(c, file); err != nil {
		return e, err
	}
	if err := d.enroll(ctx, c, os.DirFS(dir), Migration{1, filepath.Base(file)}); err != nil {
		os.Remove(file)
		for _, dir := range made {
			os.Remove(dir)
		}
		return e, err
	}
	return Enrolled{Version: 1, File: filepath.Join(named, filepath.Base(file))}, nil
}

// missing lists the directories that have to be made for dir, the deepest first.
func missing(dir string) (list []string) {
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return list
		}
		list = append(list, dir)
	}
}

// enroll gives the database the version of m if the migrations up to it make
// its schema.
func (d *database) enroll(ctx context.Context, c *sqlite.Conn, fsys fs.FS, m Migration) error {
	var replayed []Object
	if !d.o.NoReplay {
		var err error
		if replayed, err = replay(ctx, fsys, m.Version, d.o); err != nil {
			return err
		}
	}
	text, err := fs.ReadFile(fsys, m.Name)
	if err != nil {
		return cause(err)
	}
	return d.diagnose(d.transact(c, func() error {
		mine, err := objects(c)
		if err != nil {
			return err
		}
		if !d.o.NoReplay {
			if err := proven(mine, replayed, fmt.Sprintf("the migrations up to %04d do not make its schema", m.Version)); err != nil {
				return err
			}
		}
		if err := d.stamp(c, m.Version); err != nil {
			return err
		}
		rec := newRecord(m, text, nil)
		return rec.finish(c, d.o)
	}))
}

// proven reports where the schema of a database is not what its migrations make,
// after what is to be said of it.
func proven(mine, replayed []Object, but string) error {
	if changes := Compare(mine, replayed); changes != nil {
		c := changes[0]
		return sayf(ErrRefused, "%s: the %v", but, Difference{Type: c.Type, Name: c.Name, Database: c.Before, Migrations: c.After})
	}
	return nil
}

// unversioned reports a database that has a version.
func (d *database) unversioned(c *sqlite.Conn) error {
	v, err := d.version(c)
	if err == nil {
		return sayf(ErrVersioned, "is versioned already: it is at version %d", v)
	} else if !errors.Is(err, ErrUnversioned) {
		return err
	}
	return nil
}

// stamp makes a database a versioned one, unless another process was faster.
func (d *database) stamp(c *sqlite.Conn, version int) error {
	if err := d.unversioned(c); err != nil {
		return err
	}
	if err := c.Exec(createMeta); err != nil {
		return err
	}
	return c.Exec("INSERT INTO _meta (id, version) VALUES (1, ?)", version)
}

// replay runs the migrations up to version on a scratch database and gives the
// schema that they make.
func replay(ctx context.Context, fsys fs.FS, version int, o Options) ([]Object, error) {
	dir, err := os.MkdirTemp("", "fastmigrate-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return replayOn(ctx, filepath.Join(dir, "scratch.db"), fsys, version, o, nil)
}

// replayOn is replay on the scratch database given, made if it is not there, and
// tells the schema after each migration that it runs. Nil: nobody is told.
func replayOn(ctx context.Context, scratch string, fsys fs.FS, version int, o Options, made func(Applied, []Object)) ([]Object, error) {
	rehearsal, skip := o.Rehearsal, o.SkipPrograms
	o = Options{To: version, NoForeignKeyCheck: true, Runners: o.Runners, Python: o.Python, Shell: o.Shell, ScriptTimeout: o.ScriptTimeout, Logger: o.Logger}
	if rehearsal != nil || skip { // a rehearsal a program must notice too
		o.Rehearsal = &Rehearsal{Programs: !skip && rehearsal.Programs}
		defer o.Rehearsal.Close()
	}
	var unseen error
	if made != nil {
		o.OnApplied = func(a Applied) {
			list, err := Schema(ctx, scratch, o)
			unseen = errors.Join(unseen, err)
			made(a, list)
		}
	}
	if _, _, err := CreateDB(ctx, scratch, o); err != nil {
		return nil, err
	}
	if version == 0 {
		return nil, nil
	}
	if _, err := RunMigrations(ctx, scratch, fsys, o); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var e *Error
		if errors.As(err, &e) && e.File != "" {
			return nil, &Error{File: e.File, Line: e.Line, Column: e.Column, Source: e.Source, Output: e.Output, Version: -1,
				Err: sayf(ErrRefused, "on a scratch database: %v", e.Err)}
		}
		return nil, err
	}
	list, err := Schema(ctx, scratch, o)
	return list, errors.Join(unseen, err)
}

// writeInitial writes the migration that makes the schema of the open database
// to a new file.
func (d *database) writeInitial(c *sqlite.Conn, file string) error {
	text, err := d.initial(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return writeNew(file, []byte(text), 0o644)
}

// writeNew writes a file that must not be there yet, all of it or nothing.
func writeNew(file string, text []byte, mode fs.FileMode) error {
	temp, err := temporary(file, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.WriteFile(temp, text, mode); err != nil {
		return err
	}
	err = publish(temp, file)
	if errors.Is(err, fs.ErrExist) {
		return sayf(fs.ErrExist, "%s exists already", file)
	}
	return err
}

func (d *database) initial(c *sqlite.Conn) (string, error) {
	list, err := objects(c)
	if err != nil {
		return "", d.diagnose(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- The schema of %q on %s, as it was when the database was enrolled.\n", filepath.Base(d.path), time.Now().Format(time.DateOnly))
	b.WriteString("-- It makes the same tables, indexes, views and triggers in a new database, but no\n-- rows: add those that the application cannot do without.\n")
	for _, p := range []string{"application_id", "user_version"} {
		n, err := c.Int("PRAGMA " + p)
		if err != nil {
			return "", d.diagnose(err)
		}
		if n != 0 {
			fmt.Fprintf(&b, "\nPRAGMA %s = %d;\n", p, n)
		}
	}
	for _, o := range list {
		sql, err := o.ifNotExists()
		if err != nil {
			return "", err
		}
		b.WriteString("\n" + sql)
	}
	return b.String(), nil
}
