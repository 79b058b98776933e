package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// watcher is told of each block of a copy.
type watcher func() error

func (w watcher) Write(b []byte) (int, error) { return len(b), w() }

// source is a database of several blocks, in a journal mode, and a connection to it.
func source(t *testing.T, mode string) (*DB, *sqlite.Conn) {
	t.Helper()
	d, err := Locate(t.Context(), filepath.Join(t.TempDir(), "app.db"), Config{LockTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(context.Background(), d.Path, sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, sql := range []string{"PRAGMA journal_mode = " + mode, "PRAGMA cache_size = 10", "CREATE TABLE a(x)",
		"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO a SELECT zeroblob(4000) FROM n"} {
		if err := c.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	return d, c
}

// TestCopyWhileOthersWrite: a writer that begins during a copy in blocks cannot change
// the file before its end, even if the memory of its transaction is full.
func TestCopyWhileOthersWrite(t *testing.T) {
	d, other := source(t, "DELETE")
	path, blocks := d.Path+".copy", 0
	sum := sha256.New()
	seen, err := d.CopyAndSee(t.Context(), path, 0o600, io.MultiWriter(sum, watcher(func() error {
		if blocks++; blocks == 1 {
			if err := other.Exec("BEGIN IMMEDIATE"); err != nil {
				return err
			}
			if err := other.Exec("UPDATE a SET x = randomblob(4000)"); err != nil {
				return err
			}
		} else if err := other.Exec("COMMIT"); code(err) != sqlite.Busy {
			t.Errorf("COMMIT: %v", err)
		}
		return nil
	})))
	if err != nil || blocks < 3 {
		t.Fatalf("CopyAndSee() = %v after %d blocks", err, blocks)
	}
	content, err := os.ReadFile(path)
	if err != nil || seen != int64(len(content)) || sha256.Sum256(content) != [32]byte(sum.Sum(nil)) {
		t.Errorf("%d of %d bytes were seen, %v", seen, len(content), err)
	}
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadOnly, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Int("SELECT count(*) FROM a WHERE x = zeroblob(4000)"); n != 900 || err != nil {
		t.Errorf("%d rows are as before, %v", n, err)
	}
	if said, err := c.Text("PRAGMA integrity_check"); said != "ok" || err != nil {
		t.Errorf("%s, %v", said, err)
	}
}

// code is that of an error of SQLite, 0 of another error.
func code(err error) int {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return e.Primary()
	}
	return 0
}

func TestCopyStops(t *testing.T) {
	d, other := source(t, "DELETE")
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	blocks := 0
	if _, err := d.CopyAndSee(ctx, d.Path+".copy", 0o600, watcher(func() error {
		blocks++
		cancel(enough)
		return nil
	})); err != enough || Size(d.Path+".copy") == Size(d.Path) {
		t.Errorf("cancelled: CopyAndSee() = %v after %d blocks", err, blocks)
	}
	if _, err := d.CopyAndSee(t.Context(), d.Path+".copy", 0o600, watcher(func() error { return enough })); err != enough {
		t.Errorf("not seen: CopyAndSee() = %v", err)
	}
	if err := other.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	if err := d.CopyTo(t.Context(), d.Path+".copy", 0o600); !errors.Is(err, fault.ErrBusy) {
		t.Errorf("locked: CopyTo() = %v", err)
	}
}

// TestCopyPageByPage: what is in a write-ahead log is copied too, and not seen.
func TestCopyPageByPage(t *testing.T) {
	d, _ := source(t, "WAL")
	path := d.Path + ".copy"
	if err := os.WriteFile(path, bytes.Repeat([]byte("of before"), 1_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	seen, err := d.CopyAndSee(t.Context(), path, 0o600, watcher(func() error { return errors.New("it was seen") }))
	if seen != 0 || err != nil {
		t.Fatalf("CopyAndSee() = %d, %v", seen, err)
	}
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Int("SELECT count(*) FROM a"); n != 900 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestCopyIsOvertaken: a write between the release of the lock and the moment the copy
// takes the original's place must not be lost. No other test can hit that moment.
func TestCopyIsOvertaken(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		for _, written := range []bool{false, true} {
			ctx, dir := t.Context(), t.TempDir()
			d, err := Locate(ctx, filepath.Join(dir, "app.db"), Config{})
			if err != nil {
				t.Fatal(err)
			}
			open := func(path string, flags sqlite.Flags, sql ...string) *sqlite.Conn {
				t.Helper()
				c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite|flags, 0)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				for _, s := range sql {
					if err := c.Exec(s); err != nil {
						t.Fatalf("%s: %v", s, err)
					}
				}
				return c
			}
			c := open(d.Path, sqlite.Create, "PRAGMA journal_mode = "+mode, "CREATE TABLE a(x)")
			twin := filepath.Join(dir, "twin.db")
			var seen uint32
			over := errors.New("only to keep writers out")
			if err := d.Transact(c, func() error {
				seen, err = c.DataVersion()
				return errors.Join(err, d.CopyTo(ctx, twin, 0o600), over)
			}); !errors.Is(err, over) {
				t.Fatal(err)
			}
			from := open(twin, 0, "INSERT INTO a VALUES ('of the program')")
			other := open(d.Path, 0)
			if written {
				if err := other.Exec("INSERT INTO a VALUES ('of another process')"); err != nil {
					t.Fatal(err)
				}
			}
			want, wantErr := "of the program", error(nil)
			if written {
				want, wantErr = "of another process", ErrOvertaken
			}
			if err := d.ReplaceContent(c, from, seen); !errors.Is(err, wantErr) {
				t.Errorf("%s, written %v: replace() = %v", mode, written, err)
			}
			if got, err := other.Text("SELECT group_concat(x) FROM a"); got != want || err != nil {
				t.Errorf("%s, written %v: the table holds %q, %v", mode, written, got, err)
			}
		}
	}
}
