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
			row.NewParam("to", "path", "None", "directory of the backups; None: beside the database"),
			row.NewParam("keep", "int", "0", "keep only this many backups of the database; 0: all")},
		Returns: "Backup(path, version, bytes, sha256); version is None if the database is unversioned",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Backs up a database, even while others write to it.
The backup gets its name, NAME.YYYYMMDD_HHMMSS.backup, only when it is checked and
on disk. It has the permissions of the database. While this program runs, no other
program's keep removes it.`,
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
			set.logChange("Database backup created: %s", visible.Line(b.Path))
			return row.NewRecord("Backup", true, "path", c.Session.Shown(b.Path), "version", versionOrNone(b.Version), "bytes", b.Bytes, "sha256", b.SHA256), nil
		},
	}, {
		Name: "backups", Params: []row.Param{dbParam,
			row.NewParam("to", "path", "None", "directory of the backups; None: beside the database")},
		Returns: "list of BackupFile(path, version, bytes, ok, problem), newest first; version is None if the backup has none",
		Effect:  row.Reads, Errors: []string{"denied", "not_found"},
		Doc: `Lists the backups of a database, and checks each completely.
Backups of another database with the same name are left out.`,
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
			row.NewParam("backup", "path", "", "the backup file"), dbParam},
		Returns: "Restored(path, version, kept); kept is the path of the backup that keeps the previous content, None if there was none",
		Effect:  row.Writes, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Replaces the content of a database with a backup, in one transaction.
The backup is checked first, and the previous content is kept as another backup.`,
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
			set.logChange("restored %s from %s", visible.Line(set.db(c)), visible.Line(r.From))
			return row.NewRecord("Restored", true, "path", c.Session.Shown(set.db(c)), "version", versionOrNone(r.Version), "kept", kept), nil
		},
	}, {
		Name: "check_db", Params: []row.Param{dbParam},
		Returns: "Report(ok, problems, notes, version), true if ok", Effect: row.Reads, Errors: []string{"busy", "damaged", "denied", "not_found"},
		Doc: `Checks a database for damage and inconsistencies.
It checks foreign keys, full-text tables against the tables that they index, the
version table and the history. Problems are in the report; they are not errors.`,
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
