package core_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/data"
)

// rowsOf is a statement that inserts n rows, a million of them in about a second.
func rowsOf(n string) string {
	return "INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT " + n + ") SELECT n, 'row ' || n FROM r;\n"
}

// listener records what it is told, and that it is told by one goroutine at a time.
type listener struct {
	t    *testing.T
	busy atomic.Bool
	told []core.Progress
}

func (l *listener) tell(p core.Progress) {
	l.alone(func() { l.told = append(l.told, p) })
}

func (l *listener) alone(f func()) {
	if !l.busy.CompareAndSwap(false, true) {
		l.t.Error("two functions of Options are called at once")
	}
	time.Sleep(10 * time.Millisecond) // in which another would come in
	f()
	l.busy.Store(false)
}

// of gives what was told of a phase of a migration.
func (l *listener) of(migration, phase string) (list []core.Progress) {
	for _, p := range l.told {
		if p.Migration == migration && p.Phase == phase {
			list = append(list, p)
		}
	}
	return list
}

func TestProgressStatement(t *testing.T) {
	for _, mode := range []string{"rollback", "wal"} {
		t.Run(mode, func(t *testing.T) {
			path := newDB(t, mode == "wal")
			l := &listener{t: t}
			start := time.Now()
			r := migrate(t, path, files(
				"0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT);",
				"0002-fill.sql", "PRAGMA foreign_keys = OFF;\n"+rowsOf("10")+rowsOf("1000000")+"CREATE INDEX t_b ON t (b);",
			), core.Options{OnProgress: l.tell, OnApplied: func(core.Applied) { l.alone(func() {}) }})
			took := time.Since(start)
			told := l.of("0002-fill.sql", "migrate")
			if len(told) < 3 || len(told) > int(took/(100*time.Millisecond))+1 {
				t.Fatalf("it was called %d times in %v", len(told), took)
			}
			var last core.Progress
			for _, p := range told {
				if p.Statements != 4 || p.Statement < last.Statement || p.Rows < last.Rows || p.Elapsed <= last.Elapsed {
					t.Errorf("%+v after %+v", p, last)
				}
				last = p
			}
			if last.Statement != 4 || last.Rows != 1000010 || last.Bytes == 0 {
				t.Errorf("the last was %+v", last)
			}
			if !slices.ContainsFunc(told, func(p core.Progress) bool { return mode == "wal" && p.WAL > 0 || mode == "rollback" && p.Journal > 0 }) {
				t.Errorf("nothing was told of the log: %v", told)
			}
			if !slices.ContainsFunc(told, func(p core.Progress) bool { return p.Statement == 3 && p.Rows > 10 && p.Rows < 1000010 }) {
				t.Errorf("nothing was told of the rows inside a statement: %v", told)
			}
			if end := l.told[len(l.told)-1]; end != (core.Progress{}) || end.String() != "" {
				t.Errorf("the end was %+v", end)
			}
			if r.To != 2 {
				t.Errorf("To = %d", r.To)
			}
		})
	}
}

// TestProgressTrigger: SQLite counts the rows of a trigger apart.
func TestProgressTrigger(t *testing.T) {
	path := newDB(t, false)
	l := &listener{t: t}
	migrate(t, path, files("0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT); CREATE TABLE log (a);"+
		"CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); INSERT INTO log VALUES (-new.a); END;\n"+rowsOf("300000")), core.Options{OnProgress: l.tell})
	var rows int64
	told := l.of("0001-t.sql", "migrate")
	for _, p := range told {
		if p.Rows < rows {
			t.Errorf("%d rows after %d", p.Rows, rows)
		}
		rows = p.Rows
	}
	if len(told) < 3 || rows == 0 || rows > 900000 {
		t.Errorf("%d rows, told %d times", rows, len(told))
	}
}

// TestProgressVacuum: it is its own transaction, and its rows are not the
// migration's.
func TestProgressVacuum(t *testing.T) {
	path := newDB(t, false)
	l := &listener{t: t}
	migrate(t, path, files("0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT);\n"+rowsOf("1000000")+"VACUUM;\nCREATE INDEX t_b ON t (b);"), core.Options{OnProgress: l.tell})
	told := l.of("0001-t.sql", "migrate")
	if !slices.ContainsFunc(told, func(p core.Progress) bool { return p.Statement == 3 && p.Statements == 4 }) {
		t.Errorf("nothing was told of the VACUUM: %v", told)
	}
	if last := told[len(told)-1]; last.Statement != 4 || last.Rows > 1000100 {
		t.Errorf("the last was %+v", last)
	}
}

func TestProgressPhases(t *testing.T) {
	path := newDB(t, true)
	dir := directory(t,
		"0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT);\n"+rowsOf("700000")+"CREATE TABLE u AS SELECT zeroblob(1000000) FROM t LIMIT 250",
		"0002-alone.sh", "sleep 0.5",
		"0003-isolated.sh", "# fastmigrate: isolated\nsleep 0.5")
	l := &listener{t: t}
	o := core.Options{OnProgress: l.tell}
	migrate(t, path, os.DirFS(dir), core.Options{To: 1})
	migrate(t, path, os.DirFS(dir), o)
	for _, want := range []struct{ migration, phase string }{
		{"0002-alone.sh", "run"}, {"0003-isolated.sh", "run"}, {"0003-isolated.sh", "check"},
	} {
		if l.of(want.migration, want.phase) == nil {
			t.Errorf("nothing was told of %v: %v", want, l.told)
		}
	}
	b, err := core.BackupDB(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	if l.of("", "check") == nil {
		t.Errorf("nothing was told of the check of a backup: %v", l.told)
	}
	copied := append(l.of("", "copy"), l.of("0003-isolated.sh", "copy")...)
	if !slices.ContainsFunc(copied, func(p core.Progress) bool { return p.Pages > 0 && p.Pages < p.OfPages && p.OfPages > 60000 }) {
		t.Errorf("nothing was told of pages copied: %v", l.told)
	}
	for _, do := range []func() error{
		func() error { _, err := core.RestoreDB(t.Context(), b.Path, path, o); return err },
		func() error { _, err := check.DB(t.Context(), path, o); return err },
		func() error { _, err := core.Backups(t.Context(), path, o); return err },
	} {
		l.told = nil
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if l.of("", "check") == nil || l.told[len(l.told)-1] != (core.Progress{}) {
			t.Errorf("told %v", l.told)
		}
	}
}

// TestProgressQuiet: what is short is not told of.
func TestProgressQuiet(t *testing.T) {
	l := &listener{t: t}
	migrate(t, newDB(t, false), files("0001-t.sql", "CREATE TABLE t (a)"), core.Options{OnProgress: l.tell})
	if l.told != nil {
		t.Errorf("told %v", l.told)
	}
}

// TestProgressCancel: to end the run from the function ends it at once, and is
// undone.
func TestProgressCancel(t *testing.T) {
	path := newDB(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	start := time.Now()
	_, err := core.RunMigrations(ctx, path, files("0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT);\n"+rowsOf("1000000000")), core.Options{OnProgress: func(p core.Progress) {
		if calls++; p.Rows > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || time.Since(start) > 5*time.Second || calls < 2 {
		t.Errorf("%v after %v and %d calls", err, time.Since(start), calls)
	}
	if got := query(t, path, "SELECT version FROM _meta"); got != "0" {
		t.Errorf("version %s", got)
	}
}

// TestProgressExecute: a statement that is of no migration.
func TestProgressExecute(t *testing.T) {
	path := newDB(t, false)
	query(t, path, "CREATE TABLE t (a INTEGER, b TEXT)")
	l := &listener{t: t}
	if _, err := data.Execute(t.Context(), path, rowsOf("700000"), nil, core.Options{OnProgress: l.tell}); err != nil {
		t.Fatal(err)
	}
	told := l.of("", "execute")
	if len(told) < 2 || told[1].Rows == 0 || told[1].Statement != 1 {
		t.Errorf("told %v", l.told)
	}
}

func TestProgressString(t *testing.T) {
	for _, test := range []struct {
		p    core.Progress
		want string
	}{
		{core.Progress{}, ""},
		{core.Progress{Migration: "0007-backfill.sql", Phase: "migrate", Statement: 3, Statements: 12, Rows: 1203000, Elapsed: 41 * time.Second, Bytes: 812e6, WAL: 12e8},
			"0007-backfill.sql  statement 3 of 12  00:41  1,203,000 rows  db 812 MB wal 1.2 GB"},
		{core.Progress{Migration: "0008-x.sql", Phase: "migrate", Statements: 12, Elapsed: 10 * time.Second}, "0008-x.sql  not started  00:10"},
		{core.Progress{Migration: "0008-x.py", Phase: "run", Elapsed: 3723 * time.Second, Bytes: 4096}, "0008-x.py  1:02:03  db 4.1 kB"},
		{core.Progress{Migration: "0008-x.py", Phase: "copy", Pages: 1000, OfPages: 20000, Elapsed: 61 * time.Second}, "0008-x.py  copy  1,000 of 20,000 pages  01:01"},
		{core.Progress{Phase: "check", Journal: 1000}, "check  00:00  journal 1.0 kB"},
	} {
		if got := test.p.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if strings.Contains(core.Progress{Phase: "copy"}.String(), "pages") {
		t.Error("pages without any")
	}
}
