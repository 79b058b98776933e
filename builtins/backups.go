package builtins

import (
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/visible"

	"go.starlark.net/starlark"
)

func (set *Set) backups() []*row.Builtin {
	return []*row.Builtin{{
		Name: "backup_db", Params: []row.Param{dbParam,
			row.NewParam("to", "path", "None", "the directory of the backups; None: beside the database"),
			row.NewParam("keep", "int", "0", "how many backups of the database to leave; 0: all")},
		Returns: "Backup(path, version, bytes, sha256); version is None if the database is unversioned",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Makes a copy of a database, also while others write to it.
It is checked and on disk before it has its name, NAME.YYYYMMDD_HHMMSS.backup,
and no more people may read it than the database. No other program's keep
removes it while this one runs.`,
		Example: `copy = backup_db("data/shop.db", keep = 5)
print(copy.version, copy.bytes > 0)`,
		When: row.InTask, Long: true, Do: func(c *row.Call) (starlark.Value, error) {
			o := set.o.Core
			o.Keep = c.Number("keep")
			if c.Given("to") {
				o.BackupDir = c.Session.Path(c.Text("to"))
			}
			b, err := core.BackupDB(c.Session, set.db(c), o)
			if err != nil {
				return nil, err
			}
			set.log("Database backup created: %s", visible.Line(b.Path))
			return row.NewRecord("Backup", true, "path", c.Session.Shown(b.Path), "version", versionOrNone(b.Version), "bytes", b.Bytes, "sha256", b.SHA256), nil
		},
	}, {
		Name: "backups", Params: []row.Param{dbParam,
			row.NewParam("to", "path", "None", "the directory of the backups; None: beside the database")},
		Returns: "list of BackupFile(path, version, bytes, ok, problem), the newest first; version is None if it has none",
		Effect:  row.Reads, Errors: []string{"denied", "not_found"},
		Doc: `Lists the backups of a database, each checked as a whole.
Those that are of another database with that name are left out.`,
		Example: `backup_db("data/shop.db")
print([b.version for b in backups("data/shop.db") if b.ok])`,
		When: row.InTask, Long: true, Do: func(c *row.Call) (starlark.Value, error) {
			o := set.o.Core
			if c.Given("to") {
				o.BackupDir = c.Session.Path(c.Text("to"))
			}
			files, err := core.Backups(c.Session, set.db(c), o)
			if err != nil {
				return nil, err
			}
			list := []starlark.Value{}
			for _, b := range files {
				if b.Foreign {
					continue
				}
				ok := b.Problem == ""
				list = append(list, row.NewRecord("BackupFile", ok, "path", c.Session.Shown(b.Path), "version", versionOrNone(b.Version), "bytes", b.Bytes, "ok", ok, "problem", b.Problem))
			}
			return row.ToStarlark(list), nil
		},
	}, {
		Name: "restore_db", Params: []row.Param{
			row.NewParam("backup", "path", "", "the file to restore from"), dbParam},
		Returns: "Restored(path, version, kept); kept is the path of what was there before, None if nothing was",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Makes the content of a database that of a backup, in one transaction.
The backup is checked first, and what it replaces is kept as another backup.`,
		Example: `copy = backup_db("data/shop.db")
execute("data/shop.db", "delete from orders")
print(restore_db(copy.path, "data/shop.db").kept != None)`,
		When: row.InTask, Long: true, Do: func(c *row.Call) (starlark.Value, error) {
			r, err := core.RestoreDB(c.Session, c.Session.Path(c.Text("backup")), set.db(c), set.o.Core)
			if err != nil {
				return nil, err
			}
			kept := row.ToStarlark(nil)
			if r.Kept != "" {
				kept = row.ToStarlark(c.Session.Shown(r.Kept))
			}
			set.o.Changed(set.db(c))
			set.log("restored %s from %s", visible.Line(set.db(c)), visible.Line(r.From))
			return row.NewRecord("Restored", true, "path", c.Session.Shown(set.db(c)), "version", versionOrNone(r.Version), "kept", kept), nil
		},
	}, {
		Name: "check_db", Params: []row.Param{dbParam},
		Returns: "Report(ok, problems, notes, version), true if ok", Effect: row.Reads, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Looks for all that may be wrong with a database.
That is damage, rows without the parent that a foreign key wants, full-text
tables that do not fit the table whose rows they index, the version table, the
history. What it finds is in the report, and no error.`,
		Example: `report = check_db("data/shop.db")
if not report.ok:
    fail(report.problems[0])`,
		When: row.InTask, Long: true, Do: func(c *row.Call) (starlark.Value, error) {
			r, err := check.DB(c.Session, set.db(c), set.o.Core)
			if err != nil {
				return nil, err
			}
			problems := make([]string, len(r.Problems))
			for i, p := range r.Problems {
				problems[i] = p.String()
			}
			return row.NewRecord("Report", r.OK, "ok", r.OK, "problems", problems, "notes", r.Notes, "version", versionOrNone(r.Version)), nil
		},
	}}
}

// versionOrNone is the version of a database, which may have none.
func versionOrNone(v int) starlark.Value {
	if v < 0 {
		return starlark.None
	}
	return starlark.MakeInt(v)
}
