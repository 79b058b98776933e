package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
	"fastmigrate/core/runner"
)

// backfills run a migration whose text is a core.Backfill.
var backfills = map[string]runner.Runner{"star": func(_ context.Context, _ core.Migration, text []byte, tx *runner.Tx) error {
	var b runner.Backfill
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	return tx.Backfill(b)
}}

// rows makes a table with gaps between its rowids, also negative ones, of whose
// rows two thirds are to be done.
func rows(n int) string {
	return fmt.Sprintf(`CREATE TABLE n(i INTEGER PRIMARY KEY, x, done DEFAULT 0); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)
		INSERT INTO n(i, x) SELECT (i - %[1]d / 2) * 7, i FROM c`, n)
}

const (
	once    = `{"Table": "N", "Where": "x % 3 <> 0", "Set": {"done": "done + 1"}, "Batch": 50}`
	howOnce = "SELECT (SELECT version FROM _meta), sum(done = (x % 3 <> 0)), (SELECT group_concat(state || rows) FROM _meta_history) FROM n"
)

// TestBackfillKilled kills runs of a backfill, one or two at once, at random
// moments until it is done: every row was updated once.
func TestBackfillKilled(t *testing.T) {
	runs := 10
	if testing.Short() {
		runs = 2
	}
	dir, kills, parts := directory(t, "0001-n.star", once), atomic.Int64{}, 0
	for i := range runs {
		path := newDB(t, i%2 == 1)
		query(t, path, "CREATE TABLE first(x)")
		if _, err := data.Execute(t.Context(), path, rows(3000), nil, core.Options{}); err != nil {
			t.Fatal(err)
		}
		within := 120 * time.Millisecond
		for version := "0"; version == "0"; version = query(t, path, "SELECT version FROM _meta") {
			within += 10 * time.Millisecond // so that it ends even where a process starts slowly
			var both sync.WaitGroup
			for range 1 + rand.IntN(2) {
				cmd := child(path, dir)
				both.Go(func() {
					var stderr strings.Builder
					cmd.Stderr = &stderr
					if err := cmd.Start(); err != nil {
						t.Error(err)
						return
					}
					timer := time.AfterFunc(time.Duration(rand.Int64N(int64(within))), func() { cmd.Process.Kill() })
					defer timer.Stop()
					if err := cmd.Wait(); failed(cmd) {
						t.Errorf("%v: %s", err, stderr.String())
					} else if err != nil {
						kills.Add(1)
					}
				})
				time.Sleep(time.Millisecond)
			}
			both.Wait()
			if done := query(t, path, "SELECT sum(done) FROM n"); done != "0" && done != "2000" {
				parts++
			}
			if got := query(t, path, "SELECT max(done), sum(done > 0 AND x % 3 = 0) FROM n"); got != "1|0" && got != "0|0" || t.Failed() {
				t.Fatalf("after a kill: %s", got)
			}
		}
		if got := query(t, path, howOnce); got != "1|3000|done2000" {
			t.Fatalf("in the end: %s", got)
		}
	}
	if kills.Load() == 0 || parts == 0 {
		t.Errorf("%d were killed, %d in the middle", kills.Load(), parts)
	}
}

// TestBackfillAtOnce has processes, and goroutines of this one, do a backfill at
// once.
func TestBackfillAtOnce(t *testing.T) {
	dir := directory(t, "0001-n.star", once)
	for i := range 4 {
		path, processes := newDB(t, i%2 == 1), 3*(i/2)
		if _, err := data.Execute(t.Context(), path, rows(3000), nil, core.Options{}); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range processes {
			all.Go(func() {
				if out, err := child(path, dir).CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		for range 3 {
			all.Go(func() {
				if _, err := core.RunMigrations(t.Context(), path, os.DirFS(dir), core.Options{Runners: backfills}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := query(t, path, howOnce); got != "1|3000|done2000" {
			t.Errorf("beside %d processes: %s", processes, got)
		}
	}
}

// TestBackfillResumes pins that one that failed goes on where it was once what was
// wrong is repaired, but not when it was edited or has to be with others, and that
// its text is what the history keeps in the end.
func TestBackfillResumes(t *testing.T) {
	path := newDB(t, false)
	if _, err := data.Execute(t.Context(), path, rows(300)+"; CREATE TRIGGER u BEFORE UPDATE ON n WHEN new.x = 200 BEGIN SELECT RAISE(ABORT, 'not this one'); END", nil, core.Options{}); err != nil {
		t.Fatal(err)
	}
	fsys, o := files("0001-n.star", once, "0002-b.sql", "SELECT 1"), core.Options{Runners: backfills}
	for range 2 {
		_, err := core.RunMigrations(t.Context(), path, fsys, o)
		var e *core.Error
		if !errors.As(err, &e) || e.Done != 102 || e.File != "0001-n.star" || !strings.Contains(err.Error(), "backfill n: not this one") {
			t.Fatalf("%v", err)
		}
		if got := query(t, path, "SELECT state, position, rows, cursor FROM _meta_history"); got != "failed|3|102|14" {
			t.Fatal(got)
		}
	}
	if s, err := core.Status(t.Context(), path, fsys, o); err != nil || s.Migrations[0].State != core.StateInterrupted {
		t.Errorf("%v, %v", s, err)
	}
	edited := strings.Replace(once, "done + 1", "done + 2", 1)
	together := o
	together.Atomic = true
	for _, refused := range []error{
		second(core.RunMigrations(t.Context(), path, files("0001-n.star", edited, "0002-b.sql", "SELECT 1"), o)),
		second(core.RunMigrations(t.Context(), path, files("0001-n.sql", "SELECT 1"), o)),
		second(core.RunMigrations(t.Context(), path, fsys, core.Options{Runners: map[string]runner.Runner{"star": func(context.Context, core.Migration, []byte, *runner.Tx) error { return nil }}})),
		second(core.RunMigrations(t.Context(), path, fsys, together)),
	} {
		if !errors.Is(refused, fault.ErrInterrupted) && !errors.Is(refused, fault.ErrRefused) {
			t.Errorf("%v", refused)
		}
	}
	if got := query(t, path, "SELECT state, position, rows, cursor, (SELECT version FROM _meta) FROM _meta_history"); got != "failed|3|102|14|0" {
		t.Fatal(got)
	}
	query(t, path, "DROP TRIGGER u")
	if r := migrate(t, path, fsys, o); len(r.Applied) != 2 || r.Applied[0].Rows != 200 || !r.Applied[0].Steps {
		t.Errorf("%+v", r)
	}
	if got := query(t, path, "SELECT sum(done = (x % 3 <> 0)) FROM n"); got != "300" {
		t.Errorf("%s rows are right", got)
	}
	if got := query(t, path, "SELECT cursor IS NULL, text IS NULL FROM _meta_history WHERE version = 1"); got != "1|0" {
		t.Error(got)
	}
	if s, err := core.Status(t.Context(), path, fsys, o); err != nil || s.Migrations[0].State != core.StateApplied || len(s.Problems) > 0 {
		t.Errorf("%v, %v", s, err)
	}
}

func second(_ core.Result, err error) error { return err }

// TestBackfillTables goes through tables of each kind.
func TestBackfillTables(t *testing.T) {
	for _, tt := range []struct{ name, setup, table, where, query, want string }{
		{"empty", "CREATE TABLE t(a)", "t", "1", "SELECT count(*) FROM t", "0"},
		{"no row", "CREATE TABLE t(a); INSERT INTO t VALUES (1)", "t", "a = 7", "SELECT a FROM t", "1"},
		{"rowids", "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3), (4), (5)", "t", "a <> 3", "SELECT group_concat(a) FROM t", "101,102,3,104,105"},
		{"rowid is a column", "CREATE TABLE t(rowid, a); INSERT INTO t VALUES (9, 1), (8, 2), (7, 3)", "t", "1", "SELECT group_concat(a) FROM t", "101,102,103"},
		{"without rowid", "CREATE TABLE t(\"k \"\" ?\" TEXT PRIMARY KEY COLLATE NOCASE, a) WITHOUT ROWID; INSERT INTO t VALUES ('b', 1), ('A', 2), ('é', 3), ('C', 4), ('', 5)", "t", "1", "SELECT group_concat(a) FROM t", "105,102,101,104,103"},
		{"descending", "CREATE TABLE t(k, a, PRIMARY KEY (k DESC)) WITHOUT ROWID; INSERT INTO t VALUES (x'00', 1), ('A', 2), (1.5, 3), (-9, 4)", "T", "1", "SELECT sum(a) FROM t", "410"},
		{"names", "CREATE TABLE \"t \"\" t\"(id INTEGER PRIMARY KEY, a); INSERT INTO \"t \"\" t\" VALUES (1, 1), (2, 2), (3, 3)", "t \" t", "1 -- all", "SELECT group_concat(a) FROM \"t \"\" t\"", "101,102,103"},
		{"triggers", "CREATE TABLE t(a); CREATE TABLE log(x); CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.a); END; INSERT INTO t VALUES (1), (2), (3)", "t", "1", "SELECT group_concat(x) FROM log", "101,102,103"},
		{"on conflict", "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2), (2, 3)", "t", "b = (SELECT max(b) FROM t)", "SELECT group_concat(a) FROM t", "1,102"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, _, err := inTx(t, tt.setup, func(tx *runner.Tx) error {
				return tx.Backfill(runner.Backfill{Table: tt.table, Where: tt.where, Set: map[string]string{"A": "a + 100 -- more"}, Batch: 2})
			})
			if got := query(t, path, tt.query); err != nil || got != tt.want || query(t, path, "SELECT version FROM _meta") != "1" {
				t.Errorf("%s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// TestBackfillRefuses what could not be gone through, or would not end where it is
// to, before anything is changed.
func TestBackfillRefuses(t *testing.T) {
	const setup = `CREATE TABLE t(id INTEGER PRIMARY KEY, a, g AS (a)); INSERT INTO t VALUES (1, 1), (2, 2); CREATE VIEW v AS SELECT a FROM t;
		CREATE TABLE two(k, l, a, PRIMARY KEY (k, l)) WITHOUT ROWID; CREATE TABLE taken(rowid, _rowid_, oid, a); CREATE VIRTUAL TABLE f USING fts5(a);
		CREATE TABLE b(i INTEGER PRIMARY KEY, x REFERENCES t)`
	set := map[string]string{"a": "7"}
	exec := func(tx *runner.Tx) error { _, err := tx.Exec("DELETE FROM t"); return err }
	for name, tt := range map[string]struct {
		do   func(tx *runner.Tx) error
		says string
	}{
		"table": {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "nope", Where: "1", Set: set}) }, "no such table"},
		"version": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "_meta", Where: "1", Set: map[string]string{"version": "9"}})
		}, "must not change the version table"},
		"view":    {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "v", Where: "1", Set: set}) }, "it is a view"},
		"virtual": {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "f", Where: "1", Set: set}) }, "it is a virtual"},
		"two":     {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "two", Where: "1", Set: set}) }, "its primary key has 2 columns"},
		"taken":   {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "taken", Where: "1", Set: set}) }, "names of the rowid"},
		"key": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: map[string]string{"ID": "id + 1"}})
		}, "the column ID is part of the primary key"},
		"rowid": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: map[string]string{"rowid": "7"}})
		}, "no column rowid"},
		"generated": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: map[string]string{"g": "7"}})
		}, "generated"},
		"nothing": {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "t", Where: "1"}) }, "nothing to set"},
		"where":   {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "t", Where: "nope", Set: set}) }, "no such column: nope"},
		"outside": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "0) OR (1", Set: set})
		}, "syntax error"},
		"second": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "1; DELETE FROM t", Set: set})
		}, "a second statement"},
		"comment": {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "t", Where: "1 /*", Set: set}) }, ""},
		"union": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "1 UNION SELECT 1", Set: set})
		}, "syntax error"},
		"parameter": {func(tx *runner.Tx) error { return tx.Backfill(runner.Backfill{Table: "t", Where: "a = ?1", Set: set}) }, "1 parameter"},
		"expression": {func(tx *runner.Tx) error {
			return tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: map[string]string{"a": "1, id = 9"}})
		}, "row value misused"},
		"after": {func(tx *runner.Tx) error {
			return errors.Join(exec(tx), tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: set}))
		}, "has already written"},
		"before": {func(tx *runner.Tx) error {
			return errors.Join(tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: set}), exec(tx))
		}, "cannot write anything else"},
		"recreate": {func(tx *runner.Tx) error {
			return errors.Join(tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: set}), tx.Recreate("t", "id INTEGER PRIMARY KEY, a, g", nil))
		}, "cannot write anything else"},
		"twice": {func(tx *runner.Tx) error {
			return errors.Join(tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: set}), tx.Backfill(runner.Backfill{Table: "t", Where: "1", Set: set}))
		}, "already has a backfill"},
	} {
		path, _, err := inTx(t, setup, tt.do)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
		if got := query(t, path, "SELECT group_concat(a), (SELECT version FROM _meta) FROM t"); got != "1,2|0" || !strings.Contains("0", query(t, path, "SELECT count(*) FROM sqlite_master WHERE name = '_meta_history'")) {
			t.Errorf("%s left %s", name, got)
		}
	}
	for _, o := range []core.Options{{Atomic: true}, {NoHistory: true}} {
		path := newDB(t, false)
		o.Runners = backfills
		if _, err := core.RunMigrations(t.Context(), path, files("0001-n.star", once), o); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestBackfillForeignKeys: what violates one fails its batch.
func TestBackfillForeignKeys(t *testing.T) {
	setup := "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2), (3); CREATE TABLE c(p REFERENCES p, x); INSERT INTO c VALUES (1, 1), (2, 2), (3, 3), (NULL, 4)"
	path, _, err := inTx(t, setup, func(tx *runner.Tx) error {
		return tx.Backfill(runner.Backfill{Table: "c", Where: "p IS NOT NULL", Set: map[string]string{"p": "x + 1"}, Batch: 2})
	})
	if !errors.Is(err, fault.ErrForeignKey) || query(t, path, "SELECT group_concat(p) FROM c") != "2,3,3" {
		t.Errorf("%v", err)
	}
}

// TestBackfillAdded: rows that others add at the end while it runs are updated too.
func TestBackfillAdded(t *testing.T) {
	path := newDB(t, true)
	if _, err := data.Execute(t.Context(), path, rows(200), nil, core.Options{}); err != nil {
		t.Fatal(err)
	}
	run := func(_ context.Context, _ core.Migration, _ []byte, tx *runner.Tx) error {
		return errors.Join(tx.Function("one", 0, func([]any) (any, error) { return int64(1), nil }),
			tx.Backfill(runner.Backfill{Table: "n", Where: "done = 0", Set: map[string]string{"done": "done + one()"}, Batch: 60}))
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		for range 30 {
			query(t, path, "INSERT INTO n(x) VALUES (1)")
		}
	}()
	migrate(t, path, files("0001-n.star", ""), core.Options{Runners: map[string]runner.Runner{"star": run}})
	at := query(t, path, "SELECT count(*) FROM n WHERE done = 1")
	<-done
	if got := query(t, path, "SELECT max(done), count(*) FROM n"); got != "1|230" {
		t.Errorf("%s, %s when it was done", got, at)
	}
	if got := query(t, path, "SELECT count(*) FROM n AS a WHERE done = 0 AND EXISTS (SELECT 1 FROM n AS b WHERE b.i > a.i AND b.done = 1)"); got != "0" {
		t.Errorf("%s were skipped", got)
	}
}

// TestBackfillBegun: one of which nothing is done yet holds up nothing, whatever
// the file is now, and whichever earlier version made the history.
func TestBackfillBegun(t *testing.T) {
	o := core.Options{Runners: backfills}
	for _, now := range []fs.FS{files("0001-n.star", once), files("0001-n.star", strings.Replace(once, "50", "70", 1))} {
		path := newDB(t, false)
		if _, err := data.Execute(t.Context(), path, rows(300), nil, o); err != nil {
			t.Fatal(err)
		}
		migrate(t, path, files("0001-n.star", once), o)
		query(t, path, "UPDATE _meta SET version = 0")
		query(t, path, "UPDATE n SET done = 0")
		query(t, path, "UPDATE _meta_history SET state = 'running', position = 0, rows = NULL, pid = 999999999, sha256 = 'x', text = NULL")
		query(t, path, "ALTER TABLE _meta_history DROP COLUMN cursor")
		migrate(t, path, now, o)
		if got := query(t, path, howOnce); got != "1|300|done200" {
			t.Error(got)
		}
	}
}

// TestBackfillProgress: the rows are counted while it runs, those of an earlier
// run too.
func TestBackfillProgress(t *testing.T) {
	path, o := newDB(t, false), core.Options{Runners: backfills}
	if _, err := data.Execute(t.Context(), path, rows(3000), nil, o); err != nil {
		t.Fatal(err)
	}
	dir, seen := directory(t, "0001-n.star", strings.Replace(once, "50", "10", 1)), int64(0)
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		before := seen
		o.OnProgress = func(p core.Progress) {
			if 0 < p.Rows && p.Rows < before { // 0 until it is known how far the one before came
				t.Errorf("%d rows, and %d before", p.Rows, before)
			}
			if p.Rows > before {
				seen = max(seen, p.Rows)
				cancel()
			}
		}
		core.RunMigrations(ctx, path, os.DirFS(dir), o)
		cancel()
	}
	if seen == 0 || seen > 2000 {
		t.Errorf("%d rows were seen", seen)
	}
}
