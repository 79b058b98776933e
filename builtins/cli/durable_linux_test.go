package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core/coretest/powerloss"
)

// TestDurable follows the system calls of the real program, and counts: before it
// prints that something is done, and before it ends, all that it wrote to the user's
// files is synced, and so is each directory from which it removed a -journal or in
// which it made a file. SQLite undoes a transaction whose -journal comes back.
func TestDurable(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("needs the program strace: ", err)
	}
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			p := newTraced(t, mode)
			for _, step := range durableSteps {
				if step.only == "" || step.only == mode {
					p.step(step)
				}
			}
		})
	}
}

// durableStep is a command that is followed, and what is done before it.
type durableStep struct {
	only    string            // the journal mode for which it is; "": all
	files   map[string]string // are written below the directory
	sql     string            // is run on app.db
	command string
	commits int // there are at least so many
	fails   bool
}

// program is a migration in Python that makes a table.
func program(table string) string {
	return "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as db:\n    db.execute('create table " + table + "(x)')\n"
}

var durableSteps = []durableStep{
	{command: "create-db --db new/er/app.db"},
	{command: "run-migrations", commits: 2, files: map[string]string{
		"migrations/0001-a.sql": "create table a(x);",
		"migrations/0002-b.sql": "insert into a values (1);",
	}},
	{command: "run-migrations --atomic", commits: 1, files: map[string]string{
		"migrations/0003-c.sql":  "create table c(x);",
		"migrations/0004-d.star": "def migrate(db):\n    db.execute(\"insert into c values (1)\")\n",
	}},
	{command: "run-migrations", commits: 6, files: map[string]string{
		"migrations/0005-e.sql": "create table e(x); vacuum; begin; insert into e values (1); commit; begin; insert into e values (2); commit;",
	}},
	{command: "run-migrations", commits: 4, sql: "create table big as with recursive n(i) as (select 1 union all select i + 1 from n where i < 100) select i as x, null as y from n", files: map[string]string{
		"migrations/0006-f.star": "def migrate(db):\n    backfill(db, \"big\", where = \"y is null\", set = {\"y\": \"1\"}, batch = 40)\n",
	}},
	{command: "run-migrations", commits: 3, files: map[string]string{"migrations/0007-g.py": program("g")}},
	{command: "run-migrations --isolated", commits: 1, files: map[string]string{"migrations/0008-h.py": program("h")}},
	{command: "run-migrations", commits: 3, fails: true, files: map[string]string{"migrations/0009-i.sh": "sqlite3 $1 'create table i(x)'; exit 1\n"}},
	{command: "resolve --completed", commits: 1},
	{command: "accept 0001 --yes", commits: 1, files: map[string]string{"migrations/0001-a.sql": "create table a(x); -- edited"}},
	{command: "backup-db"},
	{command: "restore-db --latest", commits: 1, sql: "insert into a values (2)"},
	{command: "restore-db --latest", commits: 1, files: map[string]string{"app.db": strings.Repeat("damaged ", 1000)}},
	{command: "run work", commits: 2, files: map[string]string{
		"Fastmigratefile": "def work(db = \"app.db\"):\n    execute(db, \"insert into a values (3)\")\n    print(\"inserted\")\n    execute(db, \"insert into a values (4)\")\n",
	}},
	{command: "adopt --from goose goose --db goose.db --migrations adopted", commits: 1, files: map[string]string{"goose/00001_a.sql": "-- +goose Up\nCREATE TABLE a (x);\n"}},
	{command: "enroll-db --db plain.db --migrations enrolled", commits: 1},
	{only: "delete", command: "run-migrations", commits: 4, files: map[string]string{
		"migrations/0010-j.sql": "attach 'aside/other.db' as o; insert into o.t values (1); insert into a values (5); detach o; attach 'aside/made.db' as o; create table o.t(x);",
	}},
	{command: "run-migrations", files: map[string]string{
		"migrations/0011-k.sql": "pragma journal_mode = truncate; insert into a values (6); pragma journal_mode = persist; insert into a values (7);",
	}},
	{command: "run-migrations", files: map[string]string{
		"migrations/0012-l.sql": "pragma journal_mode = wal; insert into a values (8); pragma journal_mode = delete; insert into a values (9);",
	}},
}

// traced is a directory in which commands are followed.
type traced struct {
	*testing.T
	dir, mode string
}

func newTraced(t *testing.T, mode string) *traced {
	p := &traced{t, t.TempDir(), mode}
	exe, err := os.Executable()
	if err == nil {
		err = errors.Join(os.Symlink(exe, p.path("fastmigrate")), os.Mkdir(p.path("aside"), 0o777))
	}
	if err != nil {
		t.Fatal(err)
	}
	p.run(p.path("fastmigrate"), "create-db", "--db", "app.db")
	p.sqlite("app.db", "select 1")
	p.sqlite("aside/other.db", "create table t(x)")
	p.sqlite("plain.db", "create table a(x)")
	p.sqlite("goose.db", "create table goose_db_version (id integer primary key autoincrement, version_id integer not null, is_applied integer not null, tstamp timestamp default (datetime('now')));"+
		"insert into goose_db_version (version_id, is_applied) values (0, 1), (1, 1); create table a (x)")
	return p
}

func (p *traced) path(name string) string { return filepath.Join(p.dir, name) }

func (p *traced) run(args ...string) {
	p.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		p.Fatalf("%v: %v: %s", args, err, out)
	}
}

func (p *traced) sqlite(db, sql string) {
	p.Helper()
	p.run("sqlite3", db, "pragma journal_mode = "+p.mode, sql)
}

// step runs a command and checks what it did.
func (p *traced) step(s durableStep) {
	p.Helper()
	for name, text := range s.files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(p.path(name)), 0o777), os.WriteFile(p.path(name), []byte(text), 0o666)); err != nil {
			p.Fatal(err)
		}
	}
	if s.sql != "" {
		p.run("sqlite3", "app.db", s.sql)
	}
	if !strings.Contains(s.command, "--db") && !strings.HasPrefix(s.command, "run ") {
		s.command += " --db app.db"
	}
	d := powerloss.Watch(p.dir)
	var stderr strings.Builder
	trace := filepath.Join(p.TempDir(), "trace")
	cmd := exec.Command("strace", powerloss.Arguments(trace, append([]string{p.path("fastmigrate")}, strings.Fields(s.command)...))...)
	cmd.Dir, cmd.Stderr = p.dir, &stderr
	if err := cmd.Run(); (err != nil) != s.fails {
		p.Fatalf("%s: %v: %s", s.command, err, stderr.String())
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		p.Fatal(err)
	}
	for _, problem := range d.Replay(string(text)) {
		p.Errorf("%s: %s", s.command, problem)
	}
	if d.Commits < s.commits {
		p.Errorf("%s: %d commits are seen, want %d", s.command, d.Commits, s.commits)
	}
}
