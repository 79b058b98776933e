package core_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// numbered makes a versioned database of 2000 rows that all hold text.
func numbered(t testing.TB, wal bool, text string, page int) string {
	t.Helper()
	path := newDB(t, false)
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	mode := "DELETE"
	if wal {
		mode = "WAL"
	}
	for _, sql := range []string{
		fmt.Sprintf("PRAGMA page_size = %d", page), "VACUUM", "CREATE TABLE a(x, n INTEGER PRIMARY KEY, y)",
		"INSERT INTO a(x, y) WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 2000) SELECT '" + text + "', randomblob(200) FROM r",
		"PRAGMA journal_mode = " + mode,
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// names lists the files of a directory.
func names(t testing.TB, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func content(t testing.TB, path string) string {
	t.Helper()
	if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
		t.Fatalf("%s: %s", path, got)
	}
	return query(t, path, "SELECT x || count(*) FROM a GROUP BY x")
}

// TestRestore restores into databases of every kind, while a reader has a
// transaction open where that does not lock.
func TestRestore(t *testing.T) {
	for _, c := range []struct {
		wal, walBackup, reads bool
		page                  int
		err                   error
	}{
		{page: 4096}, {page: 512}, {page: 65536}, {walBackup: true, page: 8192},
		{wal: true, page: 4096}, {wal: true, page: 4096, reads: true}, {wal: true, walBackup: true, page: 4096, reads: true},
		{wal: true, page: 8192, err: fault.ErrRefused},
		{page: 4096, reads: true, err: fault.ErrBusy},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			path, backup := numbered(t, c.wal, "old", 4096), numbered(t, c.walBackup, "new", c.page)
			before, err := os.ReadFile(backup)
			if err != nil {
				t.Fatal(err)
			}
			r, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if c.reads {
				r.Exec("BEGIN")
			}
			read := func() string {
				s, err := r.Text("SELECT x FROM a")
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			read()
			got, err := core.RestoreDB(t.Context(), backup, path, core.Options{LockTimeout: -1})
			if !errors.Is(err, c.err) {
				t.Fatalf("RestoreDB() = %v, want %v", err, c.err)
			}
			want := "new"
			if c.err != nil {
				want = "old"
				if left, _ := filepath.Glob(path + ".*"); got.Kept != "" || left != nil {
					t.Errorf("kept %s, %v", got.Kept, left)
				}
			} else if kept := content(t, got.Kept); kept != "old2000" || got.Version != 0 || got.Path != path || got.From != backup {
				t.Errorf("RestoreDB() = %+v, which holds %s", got, kept)
			}
			if c.reads {
				if s := read(); s != "old" {
					t.Errorf("in its transaction the reader sees %s", s)
				}
				r.Exec("COMMIT")
			}
			if s := read(); s != want || content(t, path) != want+"2000" {
				t.Errorf("the reader sees %s, want %s", s, want)
			}
			if after, _ := os.ReadFile(backup); !bytes.Equal(before, after) || len(names(t, filepath.Dir(backup))) != 1 {
				t.Errorf("the backup was touched: %v", names(t, filepath.Dir(backup)))
			}
		})
	}
}

// TestRestoreRefused: nothing happens to the database, and nothing is left.
func TestRestoreRefused(t *testing.T) {
	path := numbered(t, false, "old", 4096)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	data, err := os.ReadFile(numbered(t, false, "new", 4096))
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(data)
	copy(damaged[4096*20:], bytes.Repeat([]byte{0xff}, 8192))
	for name, text := range map[string][]byte{"damaged": damaged, "cut": data[:40960], "text": []byte(strings.Repeat("text\n", 1000)), "empty": nil, "odd": data, "odd-wal": {1}, "odd-shm": {1}} {
		if err := os.WriteFile(at(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink(path, at("symlink"))
	os.Link(path, at("link"))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := names(t, dir)
	for backup, want := range map[string]error{
		path: fault.ErrRefused, at("symlink"): fault.ErrRefused, at("link"): fault.ErrRefused, dir: fault.ErrNotDatabase, at("none"): fs.ErrNotExist,
		at("damaged"): fault.ErrCorrupt, at("cut"): fault.ErrCorrupt, at("text"): fault.ErrNotDatabase, at("empty"): fault.ErrNotDatabase, at("odd"): fault.ErrBusy,
	} {
		r, err := core.RestoreDB(t.Context(), backup, path, core.Options{})
		if !errors.Is(err, want) || r.Kept != "" {
			t.Errorf("RestoreDB(%s) = %v, %v; want %v", backup, r, err, want)
		}
	}
	for _, db := range []string{dir, "", path + "/x"} {
		if _, err := core.RestoreDB(t.Context(), numbered(t, false, "new", 4096), db, core.Options{}); err == nil {
			t.Errorf("RestoreDB into %q = nil", db)
		}
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) || len(names(t, filepath.Dir(path))) != 1 {
		t.Errorf("it was touched: %v", names(t, filepath.Dir(path)))
	}
	if got := names(t, dir); !slices.Equal(got, list) {
		t.Errorf("there is %v, was %v", got, list)
	}
}

// TestRestoreDamaged: what cannot be backed up is kept as it is, to the byte.
func TestRestoreDamaged(t *testing.T) {
	backup := numbered(t, false, "new", 4096)
	for name, damage := range map[string]func(b []byte) []byte{
		"inside":    func(b []byte) []byte { copy(b[4096*20:], bytes.Repeat([]byte{0xff}, 8192)); return b },
		"header":    func(b []byte) []byte { clear(b[:100]); return b },
		"schema":    func(b []byte) []byte { copy(b[100:], bytes.Repeat([]byte{0xff}, 3000)); return b },
		"page size": func(b []byte) []byte { b[16], b[17] = 0x20, 0; return b },
		"cut off":   func(b []byte) []byte { return b[:50_000] },
		"stub":      func(b []byte) []byte { return b[:100] },
	} {
		for _, wal := range []bool{false, true} {
			path := numbered(t, wal, "old", 4096)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b = damage(b)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := core.RestoreDB(t.Context(), backup, path, core.Options{})
			if err != nil {
				t.Errorf("%s, wal %v: %v", name, wal, err)
				continue
			}
			if kept, err := os.ReadFile(r.Kept); !bytes.Equal(kept, b) || !strings.HasSuffix(r.Kept, ".damaged") {
				t.Errorf("%s, wal %v: %s is not what was there: %v", name, wal, r.Kept, err)
			}
			if got := content(t, path); got != "new2000" {
				t.Errorf("%s, wal %v: there is %s", name, wal, got)
			}
		}
	}
}

// TestRestoreCreates: a database that is gone is created again, and what it left
// beside it does not become a part of it.
func TestRestoreCreates(t *testing.T) {
	backup := numbered(t, true, "new", 4096)
	os.Chmod(backup, 0o640)
	path := filepath.Join(t.TempDir(), "a", "app.db")
	r, err := core.RestoreDB(t.Context(), backup, path, core.Options{})
	if err != nil || r.Kept != "" || r.Version != 0 {
		t.Fatalf("RestoreDB() = %+v, %v", r, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("it has %v, %v", info.Mode(), err)
	}
	// A process that is killed leaves a -wal; then the file alone is lost.
	w, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Exec("UPDATE a SET x = 'lost'"); err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	os.Remove(path)
	if err := os.WriteFile(path+"-wal", wal, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err = core.RestoreDB(t.Context(), backup, path, core.Options{}); err != nil || content(t, path) != "new2000" {
		t.Fatalf("RestoreDB() = %+v, %v; it holds %s", r, err, content(t, path))
	}
	if kept, _ := os.ReadFile(r.Kept); !bytes.Equal(kept, wal) {
		t.Errorf("%s is not the -wal that was left", r.Kept)
	}
}

// TestRestoreWhileWritten restores again and again while another connection
// commits all the time. Each commit is in the database or in a backup.
func TestRestoreWhileWritten(t *testing.T) {
	for _, wal := range []bool{false, true} {
		path, backup := numbered(t, wal, "old", 4096), numbered(t, wal, "new", 4096)
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		var committed atomic.Int64 // they have the numbers from first on
		const first = int64(10_000)
		done.Go(func() {
			c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 10*time.Second)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for ctx.Err() == nil {
				if err := c.Exec("INSERT INTO a(x, n) VALUES ('w', ?)", first+committed.Load()); err != nil {
					t.Error(err)
					return
				}
				committed.Add(1)
				time.Sleep(time.Millisecond)
			}
		})
		found := map[string]bool{}
		for range 3 {
			for before := committed.Load(); committed.Load() < before+5 && !t.Failed(); {
				time.Sleep(time.Millisecond)
			}
			r, err := core.RestoreDB(t.Context(), backup, path, core.Options{})
			if errors.Is(err, fault.ErrBusy) || err != nil && r.Kept == "" {
				t.Logf("wal %v: %v", wal, err)
				continue
			}
			for _, n := range strings.Fields(query(t, r.Kept, "SELECT n FROM a WHERE x = 'w'")) {
				found[n] = true
			}
		}
		stop()
		done.Wait()
		for _, n := range strings.Fields(query(t, path, "SELECT n FROM a WHERE x = 'w'")) {
			found[n] = true
		}
		for n := first; n < first+committed.Load(); n++ {
			if !found[fmt.Sprint(n)] {
				t.Fatalf("wal %v: the commit of %d of %d is lost", wal, n, first+committed.Load())
			}
		}
		t.Logf("wal %v: %d commits", wal, committed.Load())
	}
}

// TestRestoreCancelled ends restores at random moments: either nothing happened
// and nothing is left, or all of it did and the old is kept.
func TestRestoreCancelled(t *testing.T) {
	seen := map[string]int{}
	var whole time.Duration
	for i := range 40 {
		path, backup := numbered(t, i%2 == 1, "old", 4096), numbered(t, i%4 > 1, "new", 4096)
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		if i > 1 {
			time.AfterFunc(time.Duration(i)*whole/38, stop)
		}
		r, err := core.RestoreDB(ctx, backup, path, core.Options{})
		if i < 2 {
			whole = max(whole, time.Since(start))
		}
		time.Sleep(time.Millisecond)
		stop()
		kept, _ := filepath.Glob(path + ".*")
		got := content(t, path)
		seen[got]++
		switch {
		case err == nil && got == "new2000" && content(t, r.Kept) == "old2000":
		case errors.Is(err, context.Canceled) && got == "old2000" && kept == nil && r.Kept == "":
		default:
			t.Errorf("RestoreDB() = %+v, %v; there is %s and %v", r, err, got, kept)
		}
	}
	t.Log(seen)
	if len(seen) != 2 {
		t.Error("all of them came at one end")
	}
}
