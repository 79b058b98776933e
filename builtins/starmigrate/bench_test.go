package starmigrate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/runner"
)

const people = `CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, first TEXT, last TEXT);
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)
INSERT INTO people (id, full_name) SELECT i, 'First' || i || ' Last' || i FROM c;`

const split = `def migrate(db):
    for row in db.query("select id, full_name from people"):
        first, _, last = row.full_name.partition(" ")
        db.execute("update people set first = ?, last = ? where id = ?", [first, last, row.id])
`

// BenchmarkMigration updates 200,000 rows one by one, in Starlark and by a
// program in Python, each as a whole migration.
func BenchmarkMigration(b *testing.B) {
	for kind, text := range map[string]string{
		"star": split,
		"py": `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for id, full_name in db.execute("select id, full_name from people"):
    first, _, last = full_name.partition(" ")
    db.execute("update people set first = ?, last = ? where id = ?", [first, last, id])
db.commit()
`,
		"sql": `UPDATE people SET first = substr(full_name, 1, instr(full_name, ' ') - 1), last = substr(full_name, instr(full_name, ' ') + 1);`,
	} {
		b.Run(kind, func(b *testing.B) { migrate(b, 200_000, kind, text) })
	}
}

// BenchmarkStream reads a million rows, whose number must not show in the memory.
func BenchmarkStream(b *testing.B) {
	for _, rows := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			migrate(b, rows, "star", "def migrate(db):\n    for row in db.query(\"select id from people\"):\n        pass\n")
		})
	}
}

func migrate(b *testing.B, rows int, kind, text string) {
	b.ReportAllocs()
	fsys := fstest.MapFS{"0001-people.sql": {Data: fmt.Appendf(nil, people, rows)}, "0002-split." + kind: {Data: []byte(text)}}
	o := core.Options{Runners: map[string]runner.Runner{"star": starmigrate.Runner(starmigrate.Options{})}}
	for b.Loop() {
		b.StopTimer()
		db := filepath.Join(b.TempDir(), fmt.Sprint(os.Getpid(), ".db"))
		first := o
		first.To = 1
		if _, _, err := core.CreateDB(b.Context(), db, o); err != nil {
			b.Fatal(err)
		}
		if _, err := core.RunMigrations(b.Context(), db, fsys, first); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := core.RunMigrations(b.Context(), db, fsys, o); err != nil {
			b.Fatal(err)
		}
	}
}
