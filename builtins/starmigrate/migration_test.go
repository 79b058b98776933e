package starmigrate_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/builtins"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"
)

// inStar applies text as a migration to a new database that setup has made, and
// gives what it printed.
func inStar(t testing.TB, setup, text string) (db, printed string, err error) {
	t.Helper()
	db = filepath.Join(t.TempDir(), "a.db")
	var out bytes.Buffer
	o := core.Options{Runners: map[string]runner.Runner{"star": starmigrate.Runner(starmigrate.Options{Out: &out})}}
	fsys := fstest.MapFS{"0001-setup.sql": {Data: []byte(setup)}, "0002-x.star": {Data: []byte(text)}}
	if _, _, err := core.CreateDB(t.Context(), db, o); err != nil {
		t.Fatal(err)
	}
	first := o
	first.To = 1
	if _, err := core.RunMigrations(t.Context(), db, fsys, first); err != nil {
		t.Fatal(err)
	}
	_, err = core.RunMigrations(t.Context(), db, fsys, o)
	return db, out.String(), err
}

func ask(t testing.TB, db, sql string) string {
	t.Helper()
	rows, err := data.Query(t.Context(), db, sql, nil, 0, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows.Values)
}

const customers = "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO customers(name) VALUES (' Ada '), ('Bob B')"

// TestMethods runs the example of each method, as a migration.
func TestMethods(t *testing.T) {
	want := map[string]string{
		"db.query": "", "db.execute": "", "db.execute_many": "", "db.create_function": "", "db.table": "", "db.recreate_table": "", "backfill": "",
		"db.scalar": "2\n", "hash.sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\n",
		"base64.encode": "YQ==\n", "base64.decode": "b\"a\"\n", "re.search": "ada\n", "re.findall": "[\"1\", \"22\"]\n", "re.sub": "49301234\n",
	}
	for _, b := range starmigrate.Methods() {
		t.Run(b.Name, func(t *testing.T) {
			expected, known := want[b.Name]
			if !known || b.Doc == "" || b.Returns == "" {
				t.Fatal("what does its example print?")
			}
			if _, out, err := inStar(t, customers, b.Example); err != nil || out != expected {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

// TestMigrateExample runs the example of migrate itself.
func TestMigrateExample(t *testing.T) {
	for _, b := range builtins.Modules() {
		if b.Name != "migrate" {
			continue
		}
		if _, out, err := inStar(t, customers, b.Example); err != nil || out != "" {
			t.Errorf("%q, %v", out, err)
		}
		return
	}
	t.Error("migrate is not documented")
}

// TestMigrationSame pins that a migration sees neither clock nor files nor other
// files, and that the same database gives the same result.
func TestMigrationSame(t *testing.T) {
	for _, text := range []string{
		"time.now()", "env('HOME')", "read_file('x')", "exists('x')", "glob('*')", "sh(['true'])", "query('a.db', 'select 1')", "defer(print)", "confirm('?')",
	} {
		if _, _, err := inStar(t, customers, "def migrate(db):\n    "+text+"\n"); err == nil || !strings.Contains(err.Error(), "undefined") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, _, err := inStar(t, customers, "load('x.star', 'y')\ndef migrate(db):\n    pass\n"); err == nil || !strings.Contains(err.Error(), "cannot load others") {
		t.Error(err)
	}
	text := `def migrate(db):
    seen = {}
    for row in db.query("select * from customers"):
        seen[row.name] = hash.sha256(row.name)
    db.execute_many("insert into customers(name) values (?)", [[k + v] for k, v in seen.items()])
    print(seen)
`
	first, a, err := inStar(t, customers, text)
	second, b, err2 := inStar(t, customers, text)
	if err != nil || err2 != nil || a != b || ask(t, first, "SELECT * FROM customers") != ask(t, second, "SELECT * FROM customers") {
		t.Error(a, b, err, err2)
	}
}

// TestMigrationFails pins that an error points into the file, names the row, and
// leaves nothing.
func TestMigrationFails(t *testing.T) {
	for text, want := range map[string]string{
		"db.execute('nonsense')":                                      `near "nonsense": syntax error`,
		"db.execute('delete from customers'); fail('no', 'way')":      "2:42: no way",
		"db.execute('delete from customers'); db.execute('commit')":   "cannot be in the transaction",
		"db.execute('delete from customers')\n    return 1 // 0":      "division by zero",
		"db.execute('delete from _meta')":                             "must not change the version table",
		"db.query('delete from customers')":                           "does not only read",
		"db.execute('select ?')":                                      "has 1 parameter",
		"db.execute('select ?', [1 << 70])":                           "does not fit into the 64 bits",
		"db.execute_many('insert into customers values (?, ?)', [1])": "rows[0]: it must be a list or a dict, not int",
		"db.nope()": "no .nope field or method",
		"db.create_function('f', lambda x: x + None)\n    db.scalar(\"select f('a')\")":                       "unknown binary op: string + NoneType",
		"db.create_function('f', lambda: db.execute('delete from customers'))\n    db.scalar(\"select f()\")": "cannot use the database",
		"for row in db.query('select abs(-9223372036854775808)'):\n        pass":                              "integer overflow",
		"db.table('nope')": "there is no table nope",
		"db.execute('delete from customers')\n    for i in db.query('select 1'):\n        a, b = i": "too few values",
	} {
		db, _, err := inStar(t, customers, "def migrate(db):\n    "+text+"\n")
		var at *core.Error
		var inner host.Errors
		if !errors.As(err, &at) || at.File != "0002-x.star" || at.Line < 2 || !errors.As(err, &inner) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
		if got := ask(t, db, "SELECT (SELECT count(*) FROM customers), (SELECT version FROM _meta)"); got != "[[2 1]]" {
			t.Errorf("%s left %s", text, got)
		}
	}
	_, _, err := inStar(t, customers, "def migrate(db):\n    for row in db.query('select * from customers'):\n        1 // 0\n")
	var inner host.Errors
	if !errors.As(err, &inner) || len(inner[0].Locals) != 1 || inner[0].Locals[0].Value != `Row(id = 1, name = " Ada ")` {
		t.Errorf("%v", err)
	}
}
