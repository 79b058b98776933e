package core_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
)

// TestMain is also the program that some tests run and kill: with CHILD set, the
// test binary migrates the database that it names, or restores BACKUP into it, and
// ends.
func TestMain(m *testing.M) {
	if path := os.Getenv("CHILD"); path != "" {
		signal.Ignore(syscall.Signal(25)) // SIGXFSZ
		var err error
		if backup := os.Getenv("BACKUP"); backup != "" {
			_, err = core.RestoreDB(context.Background(), backup, path, core.Options{})
		} else {
			_, err = core.RunMigrations(context.Background(), path, os.DirFS(os.Getenv("MIGRATIONS")), core.Options{Runners: backfills})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child prepares a process that migrates path with the files of dir.
func child(path, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHILD="+path, "MIGRATIONS="+dir)
	return cmd
}

// files makes a migrations directory in memory of pairs of name and text.
func files(pairs ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1]), Mode: 0o644}
	}
	return fsys
}

// directory writes the same to disk.
func directory(t testing.TB, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files(pairs...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newDB makes a versioned database, in WAL mode if wal, and gives its path.
func newDB(t testing.TB, wal bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, created, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil || !created {
		t.Fatalf("CreateDB() = %v, %v", created, err)
	}
	if wal {
		query(t, path, "PRAGMA journal_mode = WAL")
	}
	return path
}

// query runs one statement and gives its rows, columns joined by "|".
func query(t testing.TB, path, sql string, args ...any) string {
	t.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var rows []string
	err = c.Query(func(s *sqlite.Stmt) error {
		var row []string
		for i := range s.Columns() {
			row = append(row, s.Text(i))
		}
		rows = append(rows, strings.Join(row, "|"))
		return nil
	}, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(rows, "\n")
}

func migrate(t testing.TB, path string, fsys fs.FS, o core.Options) core.Result {
	t.Helper()
	r, err := core.RunMigrations(t.Context(), path, fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestErrors pins the error of each kind that a caller can tell apart.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	unversioned := filepath.Join(dir, "unversioned.db")
	write("unversioned.db", "")
	query(t, unversioned, "CREATE TABLE a(x)")
	odd := newDB(t, false)
	query(t, odd, "DELETE FROM _meta")
	damaged := newDB(t, false)
	query(t, damaged, "CREATE TABLE a(x)")
	content, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path string
		want error
	}{
		{filepath.Join(dir, "missing.db"), fs.ErrNotExist},
		{filepath.Join(dir, "missing", "x.db"), fs.ErrNotExist},
		{dir, core.ErrNotDatabase},
		{write("text.db", strings.Repeat("some text\n", 100)), core.ErrNotDatabase},
		{write("byte.db", "x"), core.ErrNotDatabase},
		{os.DevNull, core.ErrNotDatabase},
		{write("empty.db", ""), core.ErrUnversioned},
		{unversioned, core.ErrUnversioned},
		{odd, core.ErrMeta},
		{write("cut.db", string(content[:4096])), core.ErrCorrupt},
		{"a\x00b", nil},
		{"", nil},
	} {
		calls := map[string]func() error{
			"Version": func() error { _, err := core.Version(t.Context(), test.path, core.Options{}); return err },
			"RunMigrations": func() error {
				_, err := core.RunMigrations(t.Context(), test.path, files(), core.Options{})
				return err
			},
		}
		for name, call := range calls {
			err := call()
			var e *core.Error
			if !errors.As(err, &e) || e.Path != test.path || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s(%q) = %v, want %v", name, test.path, err, test.want)
			}
		}
	}
	if list, _ := filepath.Glob(dir + "/missing*"); list != nil {
		t.Errorf("%v was created", list)
	}
}

// TestFailureLeavesNothing runs scripts that fail at their end, in each way that
// SQLite knows, and compares all of the database with what it was.
func TestFailureLeavesNothing(t *testing.T) {
	const good = "CREATE TABLE b(x); INSERT INTO a VALUES (2); DELETE FROM a WHERE x = 1;\n"
	for name, script := range map[string]string{
		"error":                good + "INSERT INTO nope VALUES (1);",
		"own transaction":      "BEGIN; " + good + "INSERT INTO nope VALUES (1); COMMIT;",
		"pragmas around":       "PRAGMA foreign_keys = OFF; BEGIN; " + good + "INSERT INTO nope VALUES (1); COMMIT; PRAGMA foreign_keys = ON;",
		"or rollback":          good + "INSERT INTO a VALUES (3); CREATE UNIQUE INDEX u ON a(x); INSERT OR ROLLBACK INTO a VALUES (3);",
		"raise rollback":       good + "CREATE TRIGGER r BEFORE DELETE ON a BEGIN SELECT RAISE(ROLLBACK, 'no'); END; INSERT INTO a VALUES (9); DELETE FROM a;",
		"deferred foreign key": "PRAGMA foreign_keys = ON; " + good + "CREATE TABLE c(x INTEGER PRIMARY KEY); CREATE TABLE d(x REFERENCES c DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (7);",
		"check of foreign key": good + "CREATE TABLE c(x INTEGER PRIMARY KEY); CREATE TABLE d(x REFERENCES c); INSERT INTO d VALUES (7);",
		"savepoint":            good + "SAVEPOINT s; INSERT INTO a VALUES (5); RELEASE s; INSERT INTO nope VALUES (1);",
		"syntax":               good + "CREATE TABEL c(x);",
		"unfinished":           good + "CREATE TABLE c(x",
	} {
		for _, wal := range []bool{false, true} {
			path := newDB(t, wal)
			query(t, path, "CREATE TABLE a(x)")
			query(t, path, "INSERT INTO a VALUES (1)")
			state := func() string {
				return query(t, path, "SELECT version FROM _meta") + query(t, path, "SELECT * FROM sqlite_master ORDER BY name") + query(t, path, "SELECT * FROM a")
			}
			before := state()
			_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", script), core.Options{})
			var e *core.Error
			if !errors.As(err, &e) || e.File != "0001-x.sql" || e.Version != 0 {
				t.Errorf("%s: RunMigrations() = %v", name, err)
			}
			if after := state(); after != before {
				t.Errorf("%s, wal %v: %v left\n%s\nwhere there was\n%s", name, wal, err, after, before)
			}
		}
	}
}

// TestResultBesideError: what was applied before the failure is told.
func TestResultBesideError(t *testing.T) {
	path := newDB(t, false)
	var told []string
	r, err := core.RunMigrations(t.Context(), path, files(
		"0001-a.sql", "CREATE TABLE a(x)",
		"0002-b.sql", "INSERT INTO a VALUES (1), (2)",
		"0003-c.sql", "INSERT INTO b VALUES (1)",
		"0004-d.sql", "CREATE TABLE d(x)",
	), core.Options{OnApplied: func(a core.Applied) { told = append(told, a.Name) }})
	var e *core.Error
	if !errors.As(err, &e) || e.File != "0003-c.sql" || e.Line != 1 || e.Column != 13 || e.Version != 2 {
		t.Fatalf("RunMigrations() = %#v", err)
	}
	if r.From != 0 || r.To != 2 || len(r.Applied) != 2 || r.Applied[1].Rows != 2 || r.Applied[1].Statements != 1 {
		t.Errorf("RunMigrations() = %+v", r)
	}
	if got := strings.Join(told, " "); got != "0001-a.sql 0002-b.sql" {
		t.Errorf("OnApplied was told of %s", got)
	}
	if v, err := core.Version(t.Context(), path, core.Options{}); v != 2 || err != nil {
		t.Errorf("Version() = %d, %v", v, err)
	}
}

// TestCancel: a context that is done ends a long statement at once, and nothing
// of it is left.
func TestCancel(t *testing.T) {
	for name, script := range map[string]string{
		"read":  "SELECT count(*) FROM (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000000000) SELECT n FROM r)",
		"write": "CREATE TABLE a(x); INSERT INTO a WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000000000) SELECT n FROM r",
	} {
		path := newDB(t, false)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := core.RunMigrations(ctx, path, files("0001-x.sql", script), core.Options{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: RunMigrations() = %v", name, err)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
		if got := query(t, path, "SELECT version, (SELECT count(*) FROM sqlite_master WHERE name = 'a') FROM _meta"); got != "0|0" {
			t.Errorf("%s: left %s", name, got)
		}
	}
}

// TestCancelWait: a wait for a lock ends with the context too.
func TestCancelWait(t *testing.T) {
	path := newDB(t, false)
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := core.RunMigrations(ctx, path, files("0001-x.sql", "CREATE TABLE a(x)"), core.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("RunMigrations() = %v", err)
	}
	if _, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", "CREATE TABLE a(x)"), core.Options{LockTimeout: -1}); !errors.Is(err, core.ErrBusy) {
		t.Errorf("RunMigrations() = %v", err)
	}
}

// TestConcurrent: many at once in one process and on one database, each
// migration is applied by one of them.
func TestConcurrent(t *testing.T) {
	const runners, migrations = 8, 20
	for _, wal := range []bool{false, true} {
		path := newDB(t, wal)
		pairs := []string{"0001-log.sql", "CREATE TABLE log(m)"}
		for i := 2; i <= migrations; i++ {
			text := fmt.Sprintf("INSERT INTO log VALUES (%d)", i)
			if i%5 == 0 {
				text += "; VACUUM; INSERT INTO log VALUES (-" + fmt.Sprint(i) + ")"
			}
			pairs = append(pairs, fmt.Sprintf("%04d-m.sql", i), text)
		}
		fsys := files(pairs...)
		results := make(chan core.Result)
		for range runners {
			go func() {
				r, err := core.RunMigrations(t.Context(), path, fsys, core.Options{})
				if err != nil {
					t.Error(err)
				}
				results <- r
			}()
		}
		applied := 0
		for range runners {
			r := <-results
			applied += len(r.Applied)
			if r.To != migrations {
				t.Errorf("a runner ended at %d", r.To)
			}
		}
		if applied < migrations-4 || applied > migrations+4*runners { // a script in steps may be shared
			t.Errorf("%d were applied", applied)
		}
		if got := query(t, path, "SELECT count(*), count(DISTINCT m) FROM log"); got != "23|23" {
			t.Errorf("the log holds %s rows", got)
		}
	}
}

// TestBackup: a copy is one state of the database, whoever writes meanwhile.
func TestBackup(t *testing.T) {
	for _, wal := range []bool{false, true} {
		path := newDB(t, wal)
		migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x, filler); CREATE TABLE total(n); INSERT INTO total VALUES (0)"), core.Options{})
		stop, stopped := make(chan bool), make(chan error)
		go func() {
			c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 10*time.Second)
			if err != nil {
				stopped <- err
				return
			}
			defer c.Close()
			for {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				for _, sql := range []string{"BEGIN IMMEDIATE", "INSERT INTO a VALUES (1, randomblob(2000))", "UPDATE total SET n = n + 1", "COMMIT"} {
					if err := c.Exec(sql); err != nil {
						stopped <- err
						return
					}
				}
			}
		}()
		for range 3 {
			b, err := core.BackupDB(t.Context(), path, core.Options{})
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(b.Path)
			if err != nil {
				t.Fatal(err)
			}
			if sum := fmt.Sprintf("%x", sha256.Sum256(data)); b.SHA256 != sum || b.Bytes != int64(len(data)) {
				t.Errorf("BackupDB() = %+v, want %d bytes of %s", b, len(data), sum)
			}
			if got := query(t, b.Path, "SELECT (SELECT n FROM total) = (SELECT count(*) FROM a), (SELECT version FROM _meta)"); got != "1|1" {
				t.Errorf("the backup holds %s", got)
			}
			if b.Version != 1 {
				t.Errorf("BackupDB() = %+v", b)
			}
		}
		close(stop)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		if list, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); list != nil {
			t.Errorf("left behind: %v", list)
		}
	}
}

// TestPythonsDatabase pins what the two tools share: the table that the Python
// package makes, its queries on a database of ours, and ours on one of its.
func TestPythonsDatabase(t *testing.T) {
	const ddl = "CREATE TABLE _meta (\n                            id INTEGER PRIMARY KEY CHECK (id = 1),\n" +
		"                            version INTEGER NOT NULL DEFAULT 0\n                        )"
	ours := newDB(t, false)
	if got := query(t, ours, "SELECT sql FROM sqlite_master"); got != ddl {
		t.Errorf("our table is\n%s\nnot\n%s", got, ddl)
	}
	script := `
import sqlite3, sys
path, step = sys.argv[1:]
conn = sqlite3.connect(path)
if step == "create":
    with conn:
        conn.execute("""
                        CREATE TABLE _meta (
                            id INTEGER PRIMARY KEY CHECK (id = 1),
                            version INTEGER NOT NULL DEFAULT 0
                        )
                        """)
        conn.execute("INSERT INTO _meta (id, version) VALUES (1, 0)")
elif step == "set":
    with conn: conn.execute("INSERT OR REPLACE INTO _meta (id, version) VALUES (1, ?)", (2,))
print(conn.execute("SELECT version FROM _meta WHERE id = 1").fetchone()[0])
`
	python := func(path, step string) string {
		t.Helper()
		out, err := exec.Command("python3", "-c", script, path, step).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	theirs := filepath.Join(t.TempDir(), "theirs.db")
	python(theirs, "create")
	if a, b := query(t, theirs, "SELECT * FROM sqlite_master"), query(t, ours, "SELECT * FROM sqlite_master"); a != b {
		t.Errorf("the databases differ: %s and %s", a, b)
	}
	fsys := files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)", "0003-c.sql", "CREATE TABLE c(x)")
	for _, path := range []string{ours, theirs} { // by turns: one we apply, one they, one we
		migrate(t, path, fsys, core.Options{To: 1})
		if got := python(path, "get"); got != "1" {
			t.Errorf("Python reads version %s", got)
		}
		query(t, path, "CREATE TABLE b(x)")
		python(path, "set")
		if r := migrate(t, path, fsys, core.Options{}); r.From != 2 || r.To != 3 || len(r.Applied) != 1 {
			t.Errorf("RunMigrations() = %+v", r)
		}
		if got := python(path, "get"); got != "3" {
			t.Errorf("Python reads version %s", got)
		}
	}
}

// TestProgramsFromMemory: .py and .sh work from a file system that is none, and
// find what lies beside them.
func TestProgramsFromMemory(t *testing.T) {
	path := newDB(t, false)
	migrate(t, path, files(
		"0001-a.sql", "CREATE TABLE a(x)",
		"0002-b.py", "import sqlite3, sys, os\nc = sqlite3.connect(sys.argv[1])\n"+
			"c.execute('insert into a values (?)', [open(os.path.join(os.path.dirname(__file__), 'data.txt')).read()])\nc.commit()",
		"0003-c.sh", "sqlite3 \"$1\" 'insert into a values (3)'",
		"data.txt", "two",
	), core.Options{})
	if got := query(t, path, "SELECT group_concat(x) FROM a"); got != "two,3" {
		t.Errorf("the table holds %s", got)
	}
}

// TestProgramBegunMeanwhile: while a .sql migration waits for the lock, another
// machine begins a program of the same version. The version does not tell.
func TestProgramBegunMeanwhile(t *testing.T) {
	path := newDB(t, false)
	migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x)"), core.Options{})
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)"), core.Options{LockTimeout: time.Second})
		done <- err
	}()
	time.Sleep(200 * time.Millisecond)
	for _, sql := range []string{
		`INSERT INTO _meta_history (version, file, sha256, state, started, host, pid, process)
			VALUES (2, '0002-c.sh', '', 'running', '2026-01-01T00:00:00.000Z', 'elsewhere', 7, 'another machine')`, "COMMIT"} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; !errors.Is(err, core.ErrInterrupted) {
		t.Errorf("RunMigrations() = %v", err)
	}
	if got := query(t, path, "SELECT version, (SELECT count(*) FROM sqlite_master WHERE name = 'b') FROM _meta"); got != "1|0" {
		t.Errorf("left %s", got)
	}
}

// TestForeignKeysOfOthers: a violation that was in one table before does not
// excuse the same value in another.
func TestForeignKeysOfOthers(t *testing.T) {
	path := newDB(t, false)
	for _, sql := range []string{"CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE old(pid REFERENCES p)", "CREATE TABLE c(rowid, pid REFERENCES p)",
		"INSERT INTO old VALUES (7)", "INSERT INTO c VALUES ('a', 8)"} {
		query(t, path, sql)
	}
	for _, script := range []string{"INSERT INTO c VALUES ('b', 7)", "INSERT INTO c VALUES ('b', 9); DELETE FROM c WHERE pid = 8"} {
		_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", script), core.Options{})
		if !errors.Is(err, core.ErrForeignKey) {
			t.Errorf("%s: RunMigrations() = %v", script, err)
		}
	}
	migrate(t, path, files("0001-x.sql", "UPDATE c SET rowid = 'c'; INSERT INTO p VALUES (1); INSERT INTO c VALUES ('d', 1)"), core.Options{})
}

// TestFailedCommitOfStep: what a COMMIT that failed would have stored is not
// taken for stored.
func TestFailedCommitOfStep(t *testing.T) {
	path := newDB(t, false)
	fsys := files("0001-x.sql", "PRAGMA foreign_keys = ON; CREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE c(pid REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (7);\nVACUUM; CREATE TABLE d(x);")
	_, err := core.RunMigrations(t.Context(), path, fsys, core.Options{NoForeignKeyCheck: true})
	var e *core.Error
	if !errors.As(err, &e) || e.Kept != 0 || !errors.Is(err, core.ErrForeignKey) {
		t.Errorf("RunMigrations() = %v", err)
	}
	if got := query(t, path, "SELECT (SELECT count(*) FROM _meta_history), count(*) FROM sqlite_master WHERE name IN ('p', 'c', 'd')"); got != "0|0" {
		t.Errorf("left %s", got)
	}
}
