package builtins

import (
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	"fastmigrate/core/drift"
	"fastmigrate/core/schema"
	"fastmigrate/core/visible"

	"go.starlark.net/starlark"
)

var (
	dbParam = row.NewParam("db", "path", "None", "the database file; None: the default")
	dir     = row.NewParam("migrations", "path", "None", "the migrations directory; None: the default")
)

func (set *Set) databases() []*row.Builtin {
	return []*row.Builtin{{
		Name: "create_db", Params: []row.Param{dbParam},
		Returns: "Database(path, version, created)", Effect: row.Writes, Errors: []string{"damaged", "denied", "version"},
		Doc: `Creates an empty database at version 0, and missing parent directories.
An empty file (0 bytes) becomes the database. An existing versioned database is left
unchanged, and created is False. Any other file is refused, and left unchanged.`,
		Example: `print(create_db("new.db").version)`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			v, created, err := core.CreateDB(c.Session, set.db(c), set.o.Core)
			if err != nil {
				return nil, err
			}
			return row.NewRecord("Database", true, "path", c.Session.Shown(set.db(c)), "version", v, "created", created), nil
		},
	}, {
		Name: "db_version", Params: []row.Param{dbParam},
		Returns: "int", Effect: row.Reads, Errors: []string{"busy", "damaged", "denied", "not_found", "version"},
		Doc: `Returns the version of a database.
If it is unversioned, the error has the kind version.`,
		Example: `print(db_version("data/shop.db"))`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			v, err := core.Version(c.Session, set.db(c), set.o.Core)
			return starlark.MakeInt(v), err
		},
	}, {
		Name: "schema", Params: []row.Param{dbParam},
		Returns: "Schema(sql, objects); objects is a list of Object(type, name, table, sql)", Effect: row.Reads, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Returns the schema of a database, without the tables of fastmigrate.
The same schema always gives the same sql, in whatever order it was created, so it
can be used to compare two databases.`,
		Example: `print([o.name for o in schema("data/shop.db").objects if o.type == "table"])`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			list, err := core.Schema(c.Session, set.db(c), set.o.Core)
			if err != nil {
				return nil, err
			}
			objects := []starlark.Value{}
			for _, o := range list {
				objects = append(objects, row.NewRecord("Object", true, "type", o.Type, "name", o.Name, "table", o.Table, "sql", o.SQL))
			}
			return row.NewRecord("Schema", len(list) > 0, "sql", schema.SQL(list), "objects", objects), nil
		},
	}, {
		Name: "drift", Params: []row.Param{dbParam, dir},
		Returns: "Drift(ok, differences, version), true if ok; differences is a list of Difference(type, name, database, migrations, changed)", Effect: row.Runs,
		Errors: []string{"busy", "damaged", "denied", "migration", "not_found", "version"},
		Doc: `Compares the schema of a database with that of its migrations.
These run on a scratch database, programs included; the database is only read.`,
		Example: `print(drift("data/shop.db", "migrations").ok)`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			dir, err := set.migrationsFS(c)
			if err != nil {
				return nil, err
			}
			d, err := drift.Find(c.Session, set.db(c), dir, set.o.Core)
			if err != nil {
				return nil, err
			}
			list := []starlark.Value{}
			for _, o := range d.Differences {
				list = append(list, row.NewRecord("Difference", true, "type", o.Type, "name", o.Name, "database", o.Database, "migrations", o.Migrations, "changed", o.Changed))
			}
			return row.NewRecord("Drift", len(list) == 0, "ok", len(list) == 0, "differences", list, "version", d.Version), nil
		},
	}, {
		Name: "pending", Params: []row.Param{dbParam, dir},
		Returns: "list of Migration(version, name)", Effect: row.Reads, Errors: []string{"busy", "damaged", "denied", "migration", "not_found", "version"},
		Doc: `Lists the migrations above the version of a database, in order.`,
		Example: `for m in pending("data/shop.db", "migrations"):
    print(m.version, m.name)`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			v, err := core.Version(c.Session, set.db(c), set.o.Core)
			if err != nil {
				return nil, err
			}
			dir, err := set.migrationsFS(c)
			if err != nil {
				return nil, err
			}
			all, misnamed, err := set.o.Core.Migrations(dir)
			if err != nil {
				return nil, err
			}
			if v == 0 && len(all) == 0 && len(misnamed) > 0 {
				return nil, core.NoMigrations(misnamed)
			}
			list := []starlark.Value{}
			for _, m := range all {
				if m.Version > v {
					list = append(list, row.NewRecord("Migration", true, "version", m.Version, "name", m.Name))
				}
			}
			return row.ToStarlark(list), nil
		},
	}, {
		Name: "run_migrations",
		Params: []row.Param{dbParam, dir,
			row.NewParam("to", "int", "None", "version to stop at; None: the last one"),
			row.NewParam("backup", "bool", "False", "back up first, and do not migrate if the backup fails"),
			row.NewParam("atomic", "bool", "False", "apply all pending migrations or none, in one transaction; only .sql and .star"),
			row.NewParam("isolated", "bool", "None", "run .py and .sh on a private copy, which replaces the content on success; None: as configured")},
		Returns: "Migrated(from_version, to_version, applied), true if any was applied; applied is a list of Migration(version, name, seconds, rows)",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "migration", "not_found", "version"},
		Doc: `Applies the pending migrations in order, and stops at the first that fails.
Those before it stay applied. Several programs may do this at once: each migration
is applied once.`,
		Example: `done = run_migrations("data/shop.db", "migrations")
print(done.from_version, done.to_version)`,
		When: row.InTask, Do: set.runMigrations,
	}, {
		Name: "enroll_db", Params: []row.Param{dbParam, dir,
			row.NewParam("version", "int", "None", "enroll at this version of existing migrations; None: write 0001-initial.sql")},
		Returns: "Enrolled(path, version, file); file is None if none was written",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found", "version"},
		Doc: `Puts an existing database under version control.
It writes 0001-initial.sql, which creates the schema, into the migrations directory,
tries it on a scratch database, and sets the version to 1. With version, it writes no
file, and checks that the migrations up to this version produce the schema.`,
		Example: `print(enroll_db("data/legacy.db", "legacy-migrations").version)`,
		When:    row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			if err := c.FromOne("version"); err != nil {
				return nil, err
			}
			e, err := core.EnrollDB(c.Session, set.db(c), set.migrations(c), c.Number("version"), set.o.Core)
			if err != nil {
				return nil, err
			}
			set.o.Changed(set.db(c))
			file := row.ToStarlark(nil)
			if e.File != "" {
				file = row.ToStarlark(c.Session.Shown(e.File))
			}
			return row.NewRecord("Enrolled", true, "path", c.Session.Shown(set.db(c)), "version", e.Version, "file", file), nil
		},
	}}
}

func (set *Set) runMigrations(c *row.Call) (starlark.Value, error) {
	if err := c.FromOne("to"); err != nil {
		return nil, err
	}
	o := set.o.Core
	o.To, o.Backup, o.Atomic = c.Number("to"), c.Flag("backup"), c.Flag("atomic")
	if c.Given("isolated") {
		o.Isolated = c.Flag("isolated")
	}
	o.OnBackup = func(b core.Backup) { set.logChange("Database backup created: %s", visible.Line(b.Path)) }
	o.OnApplied = func(m core.Applied) { set.logChange("%s", visible.Line(m.String())) }
	dir, err := set.migrationsFS(c)
	if err != nil {
		return nil, err
	}
	r, err := core.RunMigrations(c.Session, set.db(c), dir, o)
	if err != nil {
		return nil, err
	}
	set.o.Changed(set.db(c))
	if r.To == 0 {
		set.log("there are no migrations in %s", visible.Line(set.migrations(c)))
	}
	return row.Migrated(r), nil
}
