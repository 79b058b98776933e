package sqlite

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"testing"

	lib "modernc.org/sqlite/lib"
)

// TestImageIsABackup compares an image, read in blocks of many sizes, with what SQLite's
// own backup makes.
func TestImageIsABackup(t *testing.T) {
	for _, test := range []struct {
		name    string
		made    []string
		set     []string // by the connection that reads
		reserve int32
	}{
		{name: "pages of 512 bytes", made: []string{"PRAGMA page_size = 512"}},
		{name: "pages of 4096 bytes"},
		{name: "pages of 65536 bytes", made: []string{"PRAGMA page_size = 65536"}},
		{name: "vacuumed by each commit", made: []string{"PRAGMA auto_vacuum = FULL"}},
		{name: "vacuumed on request", made: []string{"PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA page_size = 1024"}},
		{name: "UTF-16", made: []string{"PRAGMA encoding = 'UTF-16be'", "PRAGMA user_version = 7", "PRAGMA application_id = 8"}},
		{name: "reserved bytes", reserve: 32},
		{name: "a journal that stays", made: []string{"PRAGMA journal_mode = PERSIST"}, set: []string{"PRAGMA journal_mode = PERSIST"}},
		{name: "a journal in memory", set: []string{"PRAGMA journal_mode = MEMORY"}},
		{name: "locked for good", set: []string{"PRAGMA locking_mode = EXCLUSIVE"}},
		{name: "once in WAL mode", made: []string{"PRAGMA journal_mode = WAL", "CREATE TABLE b(x)", "PRAGMA journal_mode = DELETE"}},
	} {
		path := temporary(t)
		c := open(t, path)
		if test.reserve > 0 {
			main, n := c.cstring("main"), c.malloc(4)
			*pointer[int32](n) = test.reserve
			lib.Xsqlite3_file_control(c.tls, c.db, main, lib.SQLITE_FCNTL_RESERVE_BYTES, n)
			c.free(main)
			c.free(n)
		}
		exec(t, c, test.made...)
		exec(t, c, "CREATE TABLE a(x, y)", "CREATE INDEX a_y ON a(y)",
			"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO a SELECT randomblob(500), i FROM n",
			"DELETE FROM a WHERE y % 3 = 0 OR y > 400")
		c.Close() // it would still hold what free pages held, which is not written
		c = open(t, path)
		exec(t, c, test.set...)
		exec(t, c, "BEGIN", "SELECT * FROM sqlite_schema")
		m, err := c.Image()
		if m == nil || err != nil {
			t.Fatalf("%s: Image() = %v, %v", test.name, m, err)
		}
		want := backedUp(t, c)
		if int(want[20]) != int(test.reserve) {
			t.Errorf("%s: pages end with %d reserved bytes", test.name, want[20])
		}
		for _, block := range []int{7, 24, 512, 1000, 4096, 1 << 16, 1 << 20} {
			var got bytes.Buffer
			n, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{io.NewSectionReader(m, 0, 1<<40)}, make([]byte, block))
			if n != m.Size() || err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s: in blocks of %d bytes: %d bytes, %v, the same: %v", test.name, block, n, err, bytes.Equal(got.Bytes(), want))
			}
		}
	}
}

// backedUp gives the bytes that a [Backup] writes to a new file.
func backedUp(t *testing.T, from *Conn) []byte {
	t.Helper()
	path := temporary(t)
	to := open(t, path)
	b, err := NewBackup(to, from)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := b.Step(-1); !done || err != nil {
		t.Fatalf("Step() = %v, %v", done, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestNoImage: where some of what a transaction sees is not in the file, or the file may
// change, only SQLite can read it.
func TestNoImage(t *testing.T) {
	const begin, read = "BEGIN", "SELECT * FROM sqlite_schema"
	for _, test := range []struct {
		name string
		made []string
	}{
		{"no transaction", nil},
		{"nothing read yet", []string{begin}},
		{"a write", []string{"BEGIN IMMEDIATE", read}},
		{"a write-ahead log", []string{"PRAGMA journal_mode = WAL", "INSERT INTO a VALUES (1)", begin, read}},
		{"a write-ahead log with its index in memory", []string{"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "INSERT INTO a VALUES (1)", begin, read}},
	} {
		c := open(t, temporary(t))
		exec(t, c, "CREATE TABLE a(x)")
		exec(t, c, test.made...)
		if m, err := c.Image(); m != nil || err != nil {
			t.Errorf("%s: Image() = %v, %v", test.name, m, err)
		}
	}
	for _, path := range []string{":memory:", "", temporary(t)} { // the last is an empty file
		c := open(t, path)
		exec(t, c, begin, read)
		if m, err := c.Image(); m != nil || err != nil {
			t.Errorf("%q: Image() = %v, %v", path, m, err)
		}
	}
}

// TestImageWithoutLockBytes: the page on which SQLite locks is not read, and the last
// page of a file may not be all in it.
func TestImageWithoutLockBytes(t *testing.T) {
	for _, size := range []int64{512, 4096, 65536} {
		path := temporary(t)
		c := open(t, path)
		exec(t, c, fmt.Sprint("PRAGMA page_size = ", size), "CREATE TABLE a(x)")
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		const cut = 100
		pages := lockBytes/size + 3
		for _, w := range []struct {
			at int64
			b  []byte
		}{
			{28, binary.BigEndian.AppendUint32(nil, uint32(pages))},
			{lockBytes - size, bytes.Repeat([]byte{0xaa}, int(4*size-cut))},
		} {
			if _, err := f.WriteAt(w.b, w.at); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		exec(t, c, "BEGIN", "SELECT * FROM sqlite_schema")
		m, err := c.Image()
		if m == nil || err != nil || m.Pages != pages {
			t.Fatalf("Image() = %+v, %v", m, err)
		}
		var want []byte
		for _, part := range []struct {
			b byte
			n int64
		}{{0xaa, size}, {0, size}, {0xaa, 2*size - cut}, {0, cut}} {
			want = append(want, bytes.Repeat([]byte{part.b}, int(part.n))...)
		}
		for _, block := range []int64{size, 3 * size / 2, 4 * size} {
			got := make([]byte, len(want))
			for at := int64(0); at < int64(len(got)); at += block {
				if _, err := m.ReadAt(got[at:min(at+block, int64(len(got)))], lockBytes-size+at); err != nil {
					t.Fatalf("pages of %d bytes: %v", size, err)
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("pages of %d bytes in blocks of %d: other bytes", size, block)
			}
		}
	}
}
