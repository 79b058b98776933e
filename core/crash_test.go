package core_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/repair"
)

// chain is a dozen migrations of all kinds of .sql. Each leaves two rows in log,
// one for its first and one for its last statement; in a script that runs in
// steps, each step leaves its own.
func chain() (pairs []string, rows map[int]int) {
	rows = map[int]int{}
	text := func(n int, middle string) string {
		rows[n] += 2
		return fmt.Sprintf("INSERT INTO log VALUES (%d);\n%s\nINSERT INTO log VALUES (%d);\n", n, middle, n)
	}
	fill := "INSERT INTO big(id, x) SELECT value, randomblob(300) FROM (WITH RECURSIVE r(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM r LIMIT 2000) SELECT value FROM r);"
	rebuild := `CREATE TABLE big_new(id, x, y DEFAULT 1); INSERT INTO big_new(id, x) SELECT id, x FROM big; DROP TABLE big; ALTER TABLE big_new RENAME TO big;`
	scripts := []string{
		"CREATE TABLE log(m);\n" + text(1, "CREATE TABLE big(id, x);"),
		text(2, fill),
		"PRAGMA foreign_keys = OFF;\nBEGIN;\n" + text(3, rebuild) + "COMMIT;\nPRAGMA foreign_keys = ON;",
		text(4, "VACUUM;") + "BEGIN;\n" + text(4, "") + "COMMIT;\n",
		text(5, "CREATE INDEX big_x ON big(x);"),
		"BEGIN;\n" + text(6, "UPDATE big SET y = 2;") + "COMMIT;\nBEGIN;\n" + text(6, fill) + "COMMIT;\n",
		text(7, "DELETE FROM big WHERE id % 3 = 0;"),
		text(8, strings.ReplaceAll(rebuild, "y DEFAULT 1", "y DEFAULT 2, z")),
	}
	for i, s := range scripts {
		pairs = append(pairs, fmt.Sprintf("%04d-m.sql", i+1), s)
	}
	return pairs, rows
}

// TestKill kills a process that migrates at random moments, hundreds of times.
// Whatever the moment, the version, the schema and the rows agree, and the next
// run goes on.
func TestKill(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 15
	}
	pairs, rows := chain()
	dir := directory(t, pairs...)
	steps := map[int]bool{4: true, 6: true}
	kills, whole := 0, duration(t, dir)
	for i := range runs {
		path := newDB(t, i%2 == 1)
		for {
			cmd := child(path, dir)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(rand.Int64N(int64(whole)*3/2)), func() { cmd.Process.Kill() })
			err := cmd.Wait()
			timer.Stop()
			if failed(cmd) {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			var version int
			fmt.Sscan(query(t, path, "SELECT version FROM _meta"), &version)
			if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
				t.Fatalf("at version %d: %s", version, got)
			}
			if version > 0 {
				for m, want := range rows {
					var got int
					fmt.Sscan(query(t, path, "SELECT count(*) FROM log WHERE m = ?", m), &got)
					if m <= version && got != want || m > version && got != 0 && !(m == version+1 && steps[m]) {
						t.Fatalf("at version %d: %d rows of migration %d, want %d", version, got, m, want)
					}
				}
			}
			if err == nil {
				if version != len(pairs)/2 {
					t.Fatalf("done at version %d", version)
				}
				break
			}
			kills++
		}
		if got := query(t, path, "SELECT count(*), max(z) IS NULL FROM big"); got != "2668|1" {
			t.Fatalf("at the end big holds %s", got)
		}
	}
	t.Logf("%d kills", kills)
}

// duration is how long a process takes to migrate with nobody in its way.
func duration(t *testing.T, dir string) time.Duration {
	t.Helper()
	start := time.Now()
	if out, err := child(newDB(t, false), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return time.Since(start)
}

// TestKillAttached kills a process whose migration writes to two files with rollback
// journals: both have changed, or neither, and the version agrees.
func TestKillAttached(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 15
	}
	whole := duration(t, directory(t, "0001-a.sql", "VACUUM; CREATE TABLE k(x);"))
	for range runs {
		path := newDB(t, false)
		other := filepath.Join(filepath.Dir(path), "other.db")
		empty, err := sqlite.Open(t.Context(), other, sqlite.ReadWrite|sqlite.Create, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(empty.Exec("CREATE TABLE t(x)"), empty.Close()); err != nil {
			t.Fatal(err)
		}
		dir := directory(t, "0001-a.sql", "ATTACH '"+other+"' AS o;\nCREATE TABLE k(x); INSERT INTO o.t VALUES (1);")
		cmd := child(path, dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(whole/2+time.Duration(rand.Int64N(int64(whole))), func() { cmd.Process.Kill() })
		cmd.Wait()
		timer.Stop()
		got := query(t, path, "SELECT version, (SELECT count(*) FROM sqlite_schema WHERE name = 'k') FROM _meta") + "|" + query(t, other, "SELECT count(*) FROM t")
		if got != "0|0|0" && got != "1|1|1" {
			t.Fatalf("version, table and rows of the other file are %s", got)
		}
	}
}

// TestKillProgram does the same to programs: those isolated are all or nothing,
// of the others the next run says that they were interrupted, if they had changed anything.
func TestKillProgram(t *testing.T) {
	const body = "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1])\nc.execute('create table a(x)')\nc.commit()\n" +
		"for i in range(5):\n    time.sleep(0.01)\n    c.execute('insert into a values (1)')\n    c.commit()\n"
	whole := duration(t, directory(t, "0001-a.py", body))
	for i := range 20 {
		isolated := i%2 == 0
		text := body
		if isolated {
			text = "# fastmigrate: isolated\n" + body
		}
		dir := directory(t, "0001-a.py", text)
		path := newDB(t, i%4 < 2)
		cmd := child(path, dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(whole))))
		cmd.Process.Kill()
		cmd.Wait()
		version := query(t, path, "SELECT version FROM _meta")
		if isolated {
			if got := query(t, path, "SELECT count(*) FROM sqlite_master WHERE name = 'a'"); got != version {
				t.Fatalf("at version %s there are %s tables", version, got)
			}
			migrate(t, path, os.DirFS(dir), core.Options{})
		} else {
			began := query(t, path, "SELECT count(*) FROM sqlite_master WHERE name = 'a'")
			_, err := core.RunMigrations(context.Background(), path, os.DirFS(dir), core.Options{})
			if changed := version == "0" && began == "1"; changed && !errors.Is(err, fault.ErrInterrupted) || !changed && err != nil && !errors.Is(err, fault.ErrInterrupted) {
				t.Fatalf("at version %s, tables %s: RunMigrations() = %v", version, began, err)
			}
			if err == nil {
				continue
			}
			how, table := repair.RolledBack, query(t, path, "SELECT count(*) FROM sqlite_master WHERE name = 'a'")
			if table == "1" && query(t, path, "SELECT count(*) FROM a") == "5" {
				how = repair.Completed
			} else if table == "1" {
				query(t, path, "DROP TABLE a")
			}
			if _, err := repair.Resolve(context.Background(), path, how, core.Options{}); err != nil {
				t.Fatal(err)
			}
			migrate(t, path, os.DirFS(dir), core.Options{})
		}
		if got := query(t, path, "SELECT count(*) || ' ' || (SELECT version FROM _meta) FROM a"); got != "5 1" {
			t.Fatalf("isolated %v: at the end there is %s", isolated, got)
		}
	}
}

// TestKillRestore kills a process that restores: the database is the old or the
// new as a whole, and if it is the new, the old is kept.
func TestKillRestore(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 10
	}
	var whole time.Duration
	kills := map[string]int{}
	for i := range runs {
		wal, page := i%2 == 1, 4096
		if !wal && i%4 == 0 {
			page = 8192
		}
		path, backup := numbered(t, wal, "old", page), numbered(t, i%4 > 1, "new", 4096)
		cmd := child(path, "")
		cmd.Env = append(cmd.Env, "BACKUP="+backup)
		start := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if i > 3 { // those before it show how long it takes
			time.Sleep(time.Duration(rand.Int64N(int64(whole))))
			cmd.Process.Kill()
		}
		if err := cmd.Wait(); failed(cmd) {
			t.Fatal(err)
		}
		if i <= 3 {
			whole = max(whole, time.Since(start))
		}
		if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
			t.Fatal(got)
		}
		got := query(t, path, "SELECT DISTINCT x FROM a") + query(t, path, "SELECT count(*) FROM a")
		kills[got]++
		kept, _ := filepath.Glob(path + ".*.backup")
		switch {
		case got == "old2000":
		case got == "new2000" && len(kept) == 1:
			if got := query(t, kept[0], "SELECT DISTINCT x FROM a"); got != "old" {
				t.Fatalf("%s was kept", got)
			}
		default:
			t.Fatalf("there is %s, and %v", got, kept)
		}
	}
	t.Log(kills)
	if kills["old2000"] == 0 {
		t.Error("no kill came before the end")
	}
}
