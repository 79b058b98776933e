package sqlite

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"testing"

	lib "modernc.org/sqlite/lib"
)

// filled makes a database of many pages.
func filled(t *testing.T) (path string, c *Conn) {
	t.Helper()
	path = temporary(t)
	c = open(t, path)
	exec(t, c, "CREATE TABLE a(x)", "INSERT INTO a SELECT zeroblob(3000) FROM (VALUES (1),(2),(3),(4),(5)), (VALUES (1),(2),(3),(4))")
	return path, c
}

func TestBackupCopiesPageByPage(t *testing.T) {
	path, from := filled(t)
	copied := path + ".copy"
	to := open(t, copied)
	b, err := NewBackup(to, from)
	if err != nil {
		t.Fatal(err)
	}
	all, steps := 0, 0
	for done := false; !done; steps++ {
		if done, err = b.Step(7); err != nil {
			t.Fatal(err)
		}
		var left int
		if left, all = b.Pages(); left != max(0, all-7*(steps+1)) {
			t.Errorf("after %d steps %d of %d pages are left", steps+1, left, all)
		}
	}
	if all < 20 || steps != (all+6)/7 {
		t.Errorf("%d pages in %d steps", all, steps)
	}
	for range 2 { // a second time is none
		if err := b.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if n, err := to.Int("SELECT count(*) FROM a"); n != 20 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if got, err := to.Text("PRAGMA integrity_check"); got != "ok" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestBackupFinishes(t *testing.T) {
	path, from := filled(t)
	to := open(t, path+".copy")
	b, err := NewBackup(to, from)
	if err != nil {
		t.Fatal(err)
	}
	var pages, all int
	if err := b.Finish(func(p, a int) { pages, all = p, a }); err != nil || pages < 20 || pages != all {
		t.Errorf("Finish() = %v after %d of %d pages", err, pages, all)
	}
	if n, err := to.Int("SELECT count(*) FROM a"); n != 20 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	exec(t, from, "BEGIN IMMEDIATE")
	if b, err = NewBackup(open(t, path+".third"), from); err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(func(int, int) { t.Error("pages of a source that is being written") }); code(err) != Busy {
		t.Errorf("Finish() = %v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close() = %v after Finish()", err)
	}
}

func TestBackupClosedEarlyIsUndone(t *testing.T) {
	path, from := filled(t)
	to := open(t, path+".copy")
	exec(t, to, "CREATE TABLE b(y)")
	other := open(t, path+".copy")
	b, err := NewBackup(to, from)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := b.Step(0); done || err != nil {
		t.Errorf("Step(0) = %v, %v", done, err)
	}
	if err := other.Exec("INSERT INTO b VALUES (1)"); code(err) != Busy {
		t.Errorf("another writes to the destination: %v", err)
	}
	if done, err := b.Step(5); done || err != nil {
		t.Errorf("Step(5) = %v, %v", done, err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if got, err := other.Text("SELECT group_concat(name) FROM sqlite_schema"); got != "b" || err != nil {
		t.Errorf("it holds %s, %v", got, err)
	}
}

func TestBackupFails(t *testing.T) {
	path, from := filled(t)
	exec(t, from, "CREATE TABLE b(y)")
	if _, err := NewBackup(from, from); code(err) != Generic {
		t.Errorf("onto itself: %v", err)
	}
	to := open(t, path+".copy")
	exec(t, to, "CREATE TABLE b(y)")
	holder := open(t, path+".copy")
	exec(t, holder, "BEGIN IMMEDIATE")
	b, err := NewBackup(to, from)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := b.Step(-1); done || code(err) != Busy {
		t.Errorf("locked: Step() = %v, %v", done, err)
	}
	exec(t, holder, "ROLLBACK")
	if done, err := b.Step(-1); !done || err != nil {
		t.Errorf("after that: Step() = %v, %v", done, err)
	}
	b.Close()

	ctx, cancel := context.WithCancel(t.Context())
	c := openWith(t, ctx, path+".third", ReadWrite|Create, 0)
	if b, err = NewBackup(c, from); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	cancel()
	if done, err := b.Step(1); done || err != context.Canceled {
		t.Errorf("cancelled: Step() = %v, %v", done, err)
	}
}

// TestReset: a database that SQLite cannot read is replaced by another.
func TestReset(t *testing.T) {
	path, from := filled(t)
	damaged := path + ".damaged"
	if err := os.WriteFile(damaged, bytes.Repeat([]byte("no database "), 1000), 0o644); err != nil {
		t.Fatal(err)
	}
	to := open(t, damaged)
	to.Reset()
	b, err := NewBackup(to, from)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := b.Step(-1); !done || err != nil {
		t.Errorf("Step() = %v, %v", done, err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	to.Close()
	if n, err := open(t, damaged).Int("SELECT count(*) FROM a"); n != 20 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestFileReadsWhatIsOnDisk(t *testing.T) {
	path, c := filled(t)
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.File()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size)); !bytes.Equal(got, want) || err != nil {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(want))
	}
	b := make([]byte, 100)
	for _, test := range []struct {
		at  int64
		n   int
		err error
	}{
		{0, 100, nil}, {f.Size - 100, 100, nil}, {f.Size - 1, 1, io.EOF}, {f.Size, 0, io.EOF}, {f.Size + 5, 0, io.EOF},
	} {
		n, err := f.ReadAt(b, test.at)
		if n != test.n || err != test.err || !bytes.Equal(b[:n], want[min(test.at, f.Size):][:n]) {
			t.Errorf("ReadAt(%d) = %d, %v, want %d, %v", test.at, n, err, test.n, test.err)
		}
	}
	if n, err := f.ReadAt(nil, 0); n != 0 || err != nil {
		t.Errorf("ReadAt(nil) = %d, %v", n, err)
	}
}

func TestFileWrites(t *testing.T) {
	path := temporary(t)
	f, err := open(t, path).File()
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789"), 100_000) // more than SQLite writes at once
	for _, at := range []int64{0, 300_000, 5} {
		if n, err := f.WriteAt(want[at:], at); n != len(want[at:]) || err != nil || f.Size != int64(len(want)) {
			t.Errorf("WriteAt(%d) = %d, %v, the size is %d", at, n, err, f.Size)
		}
	}
	if n, err := f.WriteAt(nil, 5); n != 0 || err != nil {
		t.Errorf("WriteAt(nil) = %d, %v", n, err)
	}
	if got, err := os.ReadFile(path); !bytes.Equal(got, want) || err != nil {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(want))
	}
}

// TestMappedFileIsShortened: what cannot be read through memory ends the statement, and
// not the process.
func TestMappedFileIsShortened(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not shorten a file that is mapped")
	}
	path, c := filled(t)
	c.Close()
	c = open(t, path)
	err := c.Mapped(func() error {
		return c.Query(func(*Stmt) error { return os.Truncate(path, 4096) }, "SELECT x FROM a")
	})
	if code(err) != lib.SQLITE_IOERR_READ {
		t.Errorf("Mapped() = %v", err)
	}
	if err := c.Mapped(func() error { return io.ErrNoProgress }); err != io.ErrNoProgress {
		t.Errorf("Mapped() = %v", err)
	}
	defer func() {
		if p := recover(); p != "another" {
			t.Errorf("recover() = %v", p)
		}
	}()
	c.Mapped(func() error { panic("another") })
}
