package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkUpToDate is the whole program on a database to which all migrations are applied,
// as a service or a pipeline starts it: the processor time of the process, and how often
// that is what the sqlite3 program takes to read the version.
func BenchmarkUpToDate(b *testing.B) {
	program := built(b)
	for _, n := range []int{10, 1000, 9999} {
		dir := b.TempDir()
		db, migrations := filepath.Join(dir, "app.db"), filepath.Join(dir, "migrations")
		if err := os.Mkdir(migrations, 0o777); err != nil {
			b.Fatal(err)
		}
		for i := range n {
			name := filepath.Join(migrations, fmt.Sprintf("%04d-step%[1]d.sql", i+1))
			if err := os.WriteFile(name, []byte("CREATE TABLE IF NOT EXISTS t (a);\n"), 0o666); err != nil {
				b.Fatal(err)
			}
		}
		run := []string{program, "run-migrations", "--db", db, "--migrations", migrations}
		processor(b, append(run, "--create", "--to", "1")...)
		processor(b, "sqlite3", "-bail", db, fmt.Sprintf(`WITH RECURSIVE v(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM v WHERE n < %d)
			INSERT INTO _meta_history SELECT n, printf('%%04d-step%%d.sql', n, n), sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite, n - 1, text, cursor, machine
			FROM v, _meta_history; UPDATE _meta SET version = %[1]d`, n))
		b.Run(fmt.Sprintf("files=%d", n), func(b *testing.B) {
			var ours, alone time.Duration
			for b.Loop() {
				ours += processor(b, run...)
				alone += processor(b, "sqlite3", db, "SELECT version FROM _meta")
			}
			b.ReportMetric(float64(ours)/float64(b.N)/1e6, "cpu-ms/op")
			b.ReportMetric(float64(ours)/float64(alone), "x-sqlite3")
		})
	}
}

// BenchmarkMigrate is the whole program that makes a database and applies all migrations to
// it: half of them make tables, or all only insert rows. Beside it is the sqlite3 program,
// which does the same and writes the same version and history, as durably. With MANY=1, there
// are more of them.
func BenchmarkMigrate(b *testing.B) {
	program := built(b)
	sizes := []int{10, 100, 1000}
	if os.Getenv("MANY") != "" {
		sizes = append(sizes, 3000, 9999)
	}
	for _, n := range sizes {
		for _, kind := range []string{"tables", "rows"} {
			dir := b.TempDir()
			db, alone, migrations, same := filepath.Join(dir, "app.db"), filepath.Join(dir, "alone.db"), filepath.Join(dir, "migrations"), filepath.Join(dir, "same.sql")
			if err := os.Mkdir(migrations, 0o777); err != nil {
				b.Fatal(err)
			}
			for i := range n {
				table := i / 2 * 2
				if kind == "rows" {
					table = 0
				}
				text := fmt.Sprintf("INSERT INTO t%d (name, n) VALUES ('a', %d), ('b', %[2]d);\n", table, i)
				if i == table {
					text = fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INT);\n", i)
				}
				if err := os.WriteFile(filepath.Join(migrations, fmt.Sprintf("%04d-x.sql", i+1)), []byte(text), 0o666); err != nil {
					b.Fatal(err)
				}
			}
			run := []string{program, "run-migrations", "--create", "--quiet", "--db", db, "--migrations", migrations}
			processor(b, run...)
			if err := os.WriteFile(same, twin(b, db, migrations), 0o666); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s=%d", kind, n), func(b *testing.B) {
				var ours, theirs time.Duration
				for b.Loop() {
					os.Remove(db)
					os.Remove(alone)
					ours += processor(b, run...)
					theirs += processor(b, "sqlite3", "-bail", alone, ".read "+same)
				}
				b.ReportMetric(float64(ours)/float64(b.N)/1e6, "cpu-ms/op")
				b.ReportMetric(float64(ours)/float64(theirs), "x-sqlite3")
			})
		}
	}
}

// twin is what the sqlite3 program runs to come to the same database.
func twin(b *testing.B, db, migrations string) []byte {
	b.Helper()
	sql := func(query string) string {
		out, err := exec.Command("sqlite3", db, query).Output()
		if err != nil {
			b.Fatal(err)
		}
		return string(out)
	}
	var all strings.Builder
	all.WriteString("PRAGMA synchronous = EXTRA;\n" + sql("SELECT sql || ';' FROM sqlite_master WHERE name LIKE '!_meta%' ESCAPE '!'") + "INSERT INTO _meta VALUES (1, 0);\n")
	rows := sql(`SELECT format('UPDATE _meta SET version = %d WHERE id = 1 AND version = %d; INSERT OR REPLACE INTO _meta_history VALUES (%d, %Q, %Q, %Q, %d, %Q, %d, %d, %Q, %d, %Q, %d, %Q, %Q, %d, x''%s'', NULL, NULL);',
		version, version - 1, version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite, previous, hex(text)) FROM _meta_history ORDER BY version`)
	for i, row := range strings.Split(strings.TrimSpace(rows), "\n") {
		text, err := os.ReadFile(filepath.Join(migrations, fmt.Sprintf("%04d-x.sql", i+1)))
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&all, "BEGIN IMMEDIATE;\n%s%s\nCOMMIT;\n", text, row)
	}
	return []byte(all.String())
}

// built builds the program.
func built(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "fastmigrate")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, root)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
}

// processor runs a program, and gives the processor time that it took.
func processor(b *testing.B, args ...string) time.Duration {
	b.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%q: %v\n%s", args, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// BenchmarkLoad is the whole program that puts a CSV file of 100,000 rows into a table in one
// transaction of a task, as lists and as dicts: the processor time of the process, and how
// often that is what Python takes with csv and executemany, and the sqlite3 program with
// .import.
func BenchmarkLoad(b *testing.B) {
	program, dir := built(b), b.TempDir()
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "%d,First%[1]d Last%d,user%[1]d@example.org,%d,%d.25\n", i+1, 7*i, 18+i%70, i%1000)
	}
	csv, db, file := filepath.Join(dir, "people.csv"), filepath.Join(dir, "a.db"), filepath.Join(dir, "Fastmigratefile")
	for path, text := range map[string]string{csv: text.String(), file: load} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	processor(b, program, "create-db", "--db", db)
	processor(b, "sqlite3", db, "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, age INTEGER, sum REAL)")
	const python = `import csv, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DELETE FROM people")
with open(sys.argv[2], newline="") as f:
    db.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", csv.reader(f))
db.commit()`
	for _, task := range []string{"lists", "dicts"} {
		b.Run(task, func(b *testing.B) {
			var ours, theirs, alone time.Duration
			for b.Loop() {
				ours += processor(b, program, "run", "--file", file, task)
				theirs += processor(b, "python3", "-c", python, db, csv)
				alone += processor(b, "sqlite3", "-bail", db, "DELETE FROM people", ".import --csv "+csv+" people")
			}
			b.ReportMetric(float64(ours)/float64(b.N)/1e6, "cpu-ms/op")
			b.ReportMetric(float64(ours)/float64(theirs), "x-python")
			b.ReportMetric(float64(ours)/float64(alone), "x-sqlite3")
		})
	}
}

// load is a Fastmigratefile that loads people.csv.
const load = `
def _load(sql, row):
    rows = [row(line) for line in read_file("people.csv").splitlines()]

    def replace(tx):
        tx.execute("delete from people")
        return tx.execute_many(sql, rows)

    print(transaction("a.db", replace))

def lists():
    _load("insert into people values (?, ?, ?, ?, ?)", lambda line: line.split(","))

def dicts():
    names = ["id", "name", "mail", "age", "sum"]
    _load("insert into people values (:id, :name, :mail, :age, :sum)", lambda line: dict(zip(names, line.split(","))))
`
