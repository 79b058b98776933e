package startest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/builtins/startest"
)

// project writes files of a project, by their paths, and gives the directory of its
// migrations.
func testProject(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "migrations")
}

// TestTestingExamples runs the example of each function that a test can call.
func TestTestingExamples(t *testing.T) {
	files := map[string]string{
		"migrations/0003-people.sql":    "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT);",
		"migrations/0006-customers.sql": "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);",
		"migrations/0007-split.sql": `ALTER TABLE people ADD COLUMN first TEXT; ALTER TABLE people ADD COLUMN last TEXT;
			UPDATE people SET first = substr(full_name, 1, instr(full_name, ' ') - 1), last = substr(full_name, instr(full_name, ' ') + 1);`,
		"Fastmigratefile": `def migrate(db):
    run_migrations(db)
    sh(["notify", "at version %d" % db_version(db)])
`,
	}
	for _, b := range startest.Functions() {
		if b.Doc == "" || b.Returns == "" || b.Errors == nil || !strings.Contains(b.Example, "def test_") {
			t.Errorf("%s is not documented", b.Name)
		}
		files["tests/"+strings.ReplaceAll(b.Name, ".", "_")+"_test.star"] = b.Example
	}
	list, err := startest.Run(t.Context(), startest.Options{Migrations: testProject(t, files)})
	if err != nil || len(list) != len(startest.Functions()) {
		t.Fatalf("%d tests ran, want %d: %v", len(list), len(startest.Functions()), err)
	}
	for _, r := range list {
		if r.Errors != nil {
			t.Errorf("%s: %v", r.File, r.Errors)
		}
	}
}

// TestTestsAlone: what one test does, no other sees, however many run at once.
func TestTestsAlone(t *testing.T) {
	var text strings.Builder
	for _, name := range strings.Fields("a b c d e f g h") {
		text.WriteString(strings.ReplaceAll(`
def test_NAME():
    assert.true(not exists("scratch.db"))
    db = scratch_db(version = 1)
    assert.eq(db.query("select x from a"), [])
    db.execute("insert into a values ('NAME')")
    run_task("add", db)
    assert.eq(db.query("select x from a order by rowid"), [("NAME",), ("task",)])
    create_db()
    assert.fails(lambda: STATE.append(1), "frozen")
`, "NAME", name))
	}
	dir := testProject(t, map[string]string{
		"migrations/0001-a.sql": "CREATE TABLE a (x);",
		"tests/a_test.star":     "STATE = []\n" + text.String(),
		"Fastmigratefile":       "def add(db):\n    execute(db, \"insert into a values ('task')\")\n    create_db()\n",
	})
	for _, parallel := range []int{1, 8} {
		list, err := startest.Run(t.Context(), startest.Options{Migrations: dir, Parallel: parallel})
		if err != nil || len(list) != 8 {
			t.Fatal(len(list), err)
		}
		for _, r := range list {
			if r.Errors != nil {
				t.Errorf("%s: %v", r.Name, r.Errors)
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "..", "*", "*.db")); left != nil {
		t.Errorf("the project has got %v", left)
	}
	if _, err := startest.Run(t.Context(), startest.Options{Migrations: testProject(t, map[string]string{"migrations/x": ""})}); !errors.Is(err, startest.ErrNoTests) {
		t.Errorf("without tests: %v, want ErrNoTests", err)
	}
}
