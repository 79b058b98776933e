package startest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"fastmigrate/builtins"
	"fastmigrate/builtins/internal/row"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/coretest"
	"fastmigrate/core/data"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// templates are databases at the versions that tests ask for: the first to ask has
// the migrations run, the others are given a copy.
type templates struct {
	dir  string
	fsys fs.FS
	o    core.Options

	mu   sync.Mutex
	made map[int]string
}

// copy makes a new database at a version; at the last there is if that is negative.
func (t *templates) copy(ctx context.Context, version int, to string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	from, ok := t.made[version]
	if !ok {
		path := filepath.Join(t.dir, fmt.Sprintf("template%d.db", len(t.made)))
		below := -1
		for v := range t.made {
			if v > below && (v < version || version < 0) {
				below = v
			}
		}
		ctx = coretest.Still(ctx, fmt.Sprint("from ", below)) // whichever test asks first
		if below >= 0 {
			if err := copyFile(t.made[below], path); err != nil {
				return err
			}
		} else if _, _, err := core.CreateDB(ctx, path, t.o); err != nil {
			return err
		}
		if version != 0 {
			o := t.o
			o.To = max(version, 0)
			if _, err := core.RunMigrations(ctx, path, t.fsys, o); err != nil {
				os.Remove(path)
				if e := (*core.Error)(nil); errors.As(err, &e) { // no one knows this database
					if e.Version = -1; e.File == "" {
						return &host.Error{Kind: row.Kind(err), Message: "scratch_db: " + e.Err.Error()}
					}
				}
				return err
			}
		}
		t.made[version], from = path, path
	}
	return copyFile(from, to)
}

// copyFile copies a database that no one has open: a test's own files are on no
// disk that matters.
func copyFile(from, to string) error {
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(from + suffix)
		if suffix != "" && err != nil {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+suffix, data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scratch is a database of a test.
type scratch struct {
	row.Object
	t    *trial
	ctx  context.Context
	path string // relative to the directory of the test
}

func (s *scratch) String() string { return s.path }

// Attr returns the methods, .path and .version.
func (s *scratch) Attr(name string) (starlark.Value, error) {
	switch name {
	case "path":
		return starlark.String(s.path), nil
	case "version":
		v, err := core.Version(s.ctx, filepath.Join(s.t.dir, s.path), s.t.core)
		return starlark.MakeInt(v), err
	}
	return s.Object.Attr(name)
}

func (s *scratch) AttrNames() []string { return append(s.Object.AttrNames(), "path", "version") }

func (t *trial) scratchDB() *row.Builtin {
	return &row.Builtin{
		Name: "scratch_db", Params: []row.Param{row.NewParam("version", "int", "None", "version to migrate it to, 0 for an empty database; None: the last one")},
		Returns: "Database with .path, .version and the methods migrate, query, scalar, execute, execute_many and table: fastmigrate docs scratch.query", Effect: row.Writes,
		Errors: []string{"migration", "not_found"},
		Doc: `Creates a database in the directory of the test, and migrates it.
It has no rows except those that migrations insert. Its path is relative to that
directory, like all paths in a test and in the tasks that it runs. In Starlark and SQL,
the time is always noon of 2000-01-01; .py and .sh migrations see the real clock.`,
		Example: `def test_split_names():
    db = scratch_db(version = 6)
    db.execute("insert into people (id, full_name) values (1, 'Ada Lovelace')")
    db.migrate(to = 7)
    assert.eq(db.query("select first, last from people").one, ("Ada", "Lovelace"))`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			t.databases++
			path := "scratch.db"
			if t.databases > 1 {
				path = fmt.Sprintf("scratch-%d.db", t.databases)
			}
			version := -1
			if c.Given("version") {
				version = c.Number("version")
			}
			if err := t.templates.copy(c.Session, version, filepath.Join(t.dir, path)); err != nil {
				return nil, err
			}
			list := row.MethodsOf(t.methods(filepath.Join(t.dir, path)), "scratch", t.usual)
			return &scratch{row.Object{Name: "Database", Methods: list}, t, c.Session, path}, nil
		},
	}
}

// methods are what the database of a test at path can do: what db of a migration
// can, each in a transaction of its own.
func (t *trial) methods(path string) []*row.Builtin {
	return []*row.Builtin{
		t.own(path, "db.query", func(c *row.Call) (starlark.Value, error) {
			return t.ask(c, path)
		}), t.own(path, "db.scalar", func(c *row.Call) (starlark.Value, error) {
			r, err := t.ask(c, path)
			if err != nil {
				return nil, err
			}
			return r.Attr("scalar")
		}), t.own(path, "db.execute", nil), t.own(path, "db.execute_many", nil), t.own(path, "db.table", nil), {
			Name: "scratch.migrate", Params: []row.Param{row.NewParam("to", "int", "None", "version to stop at; None: the last one")},
			Returns: "Migrated(from_version, to_version, applied), true if any was applied; applied is a list of Migration(version, name, seconds, rows)",
			Effect:  row.Writes, Errors: []string{"migration"},
			Doc: `Applies the pending migrations.`,
			Example: `def test_migrate():
    db = scratch_db(version = 0)
    db.migrate(to = 3)
    assert.eq(db.version, 3)`,
			When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
				if err := c.FromOne("to"); err != nil {
					return nil, err
				}
				o := t.core
				o.To = c.Number("to")
				r, err := core.RunMigrations(c.Session, path, t.templates.fsys, o)
				return row.Migrated(r), err
			},
		}}
}

// own is a method of a migration's db in a transaction of its own; do, if it is
// not nil, is how else it is done.
func (t *trial) own(path, name string, do func(*row.Call) (starlark.Value, error)) *row.Builtin {
	find := func(list []*row.Builtin) *row.Builtin {
		return list[slices.IndexFunc(list, func(b *row.Builtin) bool { return b.Name == name })]
	}
	b := *find(starmigrate.DB(nil))
	b.Name = strings.Replace(name, "db.", "scratch.", 1)
	b.Doc = strings.ReplaceAll(b.Doc, "the transaction of the migration", "a transaction of its own")
	b.Example = strings.ReplaceAll(b.Example, "def migrate(db):", "def test_it():\n    db = scratch_db()")
	if name == "db.query" { // the rows are there
		all := builtins.All()
		i := slices.IndexFunc(all, func(b *row.Builtin) bool { return b.Name == "query" })
		b.Returns, b.Doc = all[i].Returns, "Reads rows."
	}
	if b.Do = do; do != nil {
		return &b
	}
	b.Do = func(c *row.Call) (v starlark.Value, err error) {
		var wrong error
		err = data.Transact(c.Session, path, func(tx *runner.Tx) error {
			v, wrong = find(starmigrate.DB(tx)).Do(c)
			return wrong
		}, t.core)
		if wrong != nil {
			return nil, wrong
		}
		return v, err
	}
	return &b
}

// ask reads the rows of a query of a test's database.
func (t *trial) ask(c *row.Call, path string) (*row.Rows, error) {
	args, err := row.SQLValues(c.Value("params"))
	if err != nil {
		return nil, err
	}
	r, err := data.Query(c.Session, path, c.Text("sql"), args, 0, t.core)
	return &row.Rows{Rows: r}, err
}
