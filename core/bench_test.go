package core_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
)

// Each benchmark has a twin, engine, that does the same work with nothing but
// SQLite: what they differ by is what this package costs.

// bare runs each script in a transaction, statement by statement, as SQLite's
// own loop does (https://sqlite.org/c3ref/prepare.html).
func bare(b *testing.B, path string, scripts ...string) {
	b.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for _, text := range scripts {
		s := c.NewScript([]byte("BEGIN IMMEDIATE;" + text + ";COMMIT"))
		for at, end := 0, len(text)+len("BEGIN IMMEDIATE;")+len(";COMMIT"); at < end; {
			if at, err = s.Run(at); err != nil {
				b.Fatal(err)
			}
		}
		s.Close()
	}
}

func benchmark(b *testing.B, setup string, scripts ...string) {
	fsys := map[string]fs.FS{}
	pairs := []string{}
	for i, s := range scripts {
		pairs = append(pairs, fmt.Sprintf("%04d-x.sql", i+1), s)
	}
	fsys["core"] = os.DirFS(directory(b, pairs...))
	fresh := func(b *testing.B) string {
		path := newDB(b, false)
		if setup != "" {
			bare(b, path, setup)
		}
		return path
	}
	b.Run("core", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			path := fresh(b)
			b.StartTimer()
			migrate(b, path, fsys["core"], core.Options{})
		}
	})
	b.Run("progress", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			path := fresh(b)
			b.StartTimer()
			migrate(b, path, fsys["core"], core.Options{OnProgress: func(core.Progress) {}})
		}
	})
	b.Run("engine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			path := fresh(b)
			b.StartTimer()
			bare(b, path, scripts...)
		}
	})
}

// BenchmarkUpToDate is what an application pays at each start: each file was applied, and
// the history has a row for it. Beside it is what SQLite needs to read the version.
func BenchmarkUpToDate(b *testing.B) {
	for _, n := range []int{10, 1000, 9999} {
		path, fsys := upToDate(b, n)
		b.Run(fmt.Sprintf("files=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			alone := perCall(b, func() { readVersion(b, path) })
			for b.Loop() {
				migrate(b, path, fsys, core.Options{})
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/alone, "x-sqlite")
		})
	}
}

// perCall is how long f takes, in nanoseconds.
func perCall(b *testing.B, f func()) float64 {
	const times = 200
	start := time.Now()
	for range times {
		f()
	}
	b.ResetTimer()
	return float64(time.Since(start)) / times
}

func readVersion(tb testing.TB, path string) {
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Int("SELECT version FROM _meta WHERE id = 1"); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkSmallMigrations(b *testing.B) {
	var scripts []string
	for i := range 1000 {
		scripts = append(scripts, fmt.Sprintf("CREATE TABLE IF NOT EXISTS t%d(id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t%[1]d(x) VALUES ('a');", i%100))
	}
	benchmark(b, "", scripts...)
}

func BenchmarkManyStatements(b *testing.B) {
	var s strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&s, "INSERT INTO t(a, b) VALUES (%d, 'value of row %d');\n", i, i)
	}
	benchmark(b, "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT); CREATE INDEX t_a ON t(a)", s.String())
}

func BenchmarkInsertSelect(b *testing.B) {
	benchmark(b, "CREATE TABLE t(a INTEGER, b TEXT); CREATE TABLE u(a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000000) SELECT n, 'row ' || n FROM r",
		"INSERT INTO u SELECT a, b || '!' FROM t")
}

// BenchmarkBackup is timed beside the sqlite3 program, which copies and checks in turn with
// it, and beside the engine.
func BenchmarkBackup(b *testing.B) {
	path := newDB(b, false)
	bare(b, path, "CREATE TABLE t(a); INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 100000) SELECT randomblob(1000) FROM r")
	b.Run("core", func(b *testing.B) {
		b.ReportAllocs()
		var alone time.Duration
		for b.Loop() {
			backup, err := core.BackupDB(b.Context(), path, core.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(backup.Bytes)
			os.Remove(backup.Path)
			b.StopTimer()
			start := time.Now()
			for _, args := range [][]string{{path, ".backup " + path + ".copy"}, {path + ".copy", "PRAGMA integrity_check"}} {
				if out, err := exec.Command("sqlite3", args...).CombinedOutput(); err != nil {
					b.Fatalf("%q: %v, %s", args, err, out)
				}
			}
			alone += time.Since(start)
			os.Remove(path + ".copy")
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed())/float64(alone), "x-sqlite3")
	})
	// The copy and its check, without a hash.
	b.Run("engine", func(b *testing.B) {
		for b.Loop() {
			from, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
			if err != nil {
				b.Fatal(err)
			}
			to, err := sqlite.Open(context.Background(), path+".copy", sqlite.ReadWrite|sqlite.Create, 0)
			if err != nil {
				b.Fatal(err)
			}
			copied, err := sqlite.NewBackup(to, from)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := copied.Step(-1); err != nil {
				b.Fatal(err)
			}
			copied.Close()
			if said, err := to.Text("PRAGMA integrity_check(1)"); err != nil || said != "ok" {
				b.Fatal(said, err)
			}
			to.Close()
			from.Close()
			os.Remove(path + ".copy")
		}
	})
}
