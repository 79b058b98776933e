package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkUpToDate is the whole program on a database to which all migrations are applied,
// as a service or a pipeline starts it: the processor time of the process, and how often
// that is what the sqlite3 program takes to read the version.
func BenchmarkUpToDate(b *testing.B) {
	program := filepath.Join(b.TempDir(), "fastmigrate")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
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

// processor runs a program, and gives the processor time that it took.
func processor(b *testing.B, args ...string) time.Duration {
	b.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%q: %v\n%s", args, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}
