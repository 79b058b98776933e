package rehearse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/rehearse"
)

// fillThree makes three tables with rows in a versioned database.
func fillThree(b testing.TB, path string, rows int) {
	b.Helper()
	c, err := sqlite.Open(b.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	numbers := fmt.Sprintf("WITH RECURSIVE i(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i WHERE n < %d) ", rows)
	for _, sql := range []string{
		"PRAGMA synchronous = OFF",
		"CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, n INTEGER, note TEXT)",
		"CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id), name TEXT, n INTEGER, note TEXT)",
		"CREATE TABLE c (id INTEGER PRIMARY KEY, name TEXT, n INTEGER, note TEXT)",
		"CREATE INDEX a_mail ON a (mail)",
		"CREATE INDEX b_a ON b (a_id)",
		numbers + "INSERT INTO a SELECT n, 'name ' || n, 'm' || (n * 7919 % 1000003) || '@example.org', n % 100, hex(randomblob(60)) FROM i",
		numbers + "INSERT INTO b SELECT n, n, 'name ' || n, n % 100, hex(randomblob(70)) FROM i",
		numbers + "INSERT INTO c SELECT n, 'name ' || n, n % 100, hex(randomblob(75)) FROM i",
	} {
		if err := c.Exec(sql); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRehearsal rehearses migrations that make an index, update a twentieth of a table
// and copy a third of a database of 20 MB, beside the run of the same; with FASTMIGRATE_LARGE,
// of 500 MB.
func BenchmarkRehearsal(b *testing.B) {
	rows := 36_000
	if os.Getenv("FASTMIGRATE_LARGE") != "" {
		rows *= 25
	}
	path := newDB(b)
	fillThree(b, path, rows)
	all := files("0001-all.sql", `CREATE INDEX a_name ON a (name);
UPDATE b SET n = n + 1 WHERE id % 20 = 0;
CREATE TABLE copy (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, n INTEGER, note TEXT);
INSERT INTO copy SELECT * FROM a;`)
	copied := filepath.Join(b.TempDir(), "app.db")
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(copied, data, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	data = nil
	began := time.Now()
	migrate(b, copied, all, core.Options{})
	run := time.Since(began)
	b.ReportAllocs()
	for b.Loop() {
		r := &rehearse.Rehearsal{}
		o := r.Options(core.Options{})
		migrate(b, path, all, o)
		list, err := r.Report(b.Context(), o)
		if err != nil || len(list) != 1 || len(list[0].Problems) > 0 {
			b.Fatal(list, err)
		}
		r.Close()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/run.Seconds(), "x-run")
}
