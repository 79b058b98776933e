package core_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/repair"
)

// loose takes from the table of the history all that keeps values out of it.
func loose(t testing.TB, path string) {
	t.Helper()
	sql := query(t, path, "SELECT group_concat(name || iif(pk, ' INTEGER PRIMARY KEY', ''), ', ') FROM pragma_table_info('_meta_history')")
	query(t, path, "DROP TABLE _meta_history")
	query(t, path, "CREATE TABLE _meta_history ("+sql+")")
}

// TestTextDamaged: the text of a migration as it was applied is not taken for
// missing where it cannot be read.
func TestTextDamaged(t *testing.T) {
	path, dir := newDB(t, false), directory(t, "0001-a.sql", "SELECT 1")
	migrate(t, path, os.DirFS(dir), core.Options{})
	edited := os.DirFS(directory(t, "0001-a.sql", "SELECT 2"))
	text := "SELECT text FROM _meta_history"
	for _, c := range []struct {
		value string
		want  error
	}{
		{"(" + text + ")", nil}, {"NULL", nil},
		{"x'00'", fault.ErrRecord}, {"x''", fault.ErrRecord}, {"'text'", fault.ErrRecord}, {"7", fault.ErrRecord},
		{"substr((" + text + "), 1, 8)", fault.ErrRecord}, {"CAST((" + text + ") AS TEXT)", fault.ErrRecord},
	} {
		query(t, path, "CREATE TABLE kept AS "+text)
		query(t, path, "UPDATE _meta_history SET text = "+c.value)
		if _, err := repair.FindEdit(t.Context(), path, edited, 1, core.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: Edited() = %v, want %v", c.value, err, c.want)
		}
		query(t, path, "UPDATE _meta_history SET text = (SELECT text FROM kept)")
		query(t, path, "DROP TABLE kept")
	}
}

// FuzzRecord: whatever a row of the history holds, nothing panics, a version that
// is damaged is refused before anything changes, and no migration is applied twice.
func FuzzRecord(f *testing.F) {
	f.Add(uint16(0), int64(2), "0002-b.sql", "", "running", int64(-7), "2026-01-01T00:00:00.000Z", int64(0), int64(1), []byte{})
	f.Add(uint16(0), int64(2), "0002-b.sql", "", "failed", int64(1<<40), "", int64(-1), int64(0), []byte{0x78})
	f.Add(uint16(0), int64(2), "0002-b.star", "", "failed", int64(1), "z", int64(1<<62), int64(1<<40), []byte("x"))
	f.Add(uint16(1<<4), int64(3), "0003-c.sh", "y", "running", int64(0), "", int64(0), int64(-9), []byte{})
	f.Add(uint16(1<<1|1<<2|1<<9), int64(1), "", "", "done", int64(0), "9999-99-99", int64(0), int64(0), []byte{})
	f.Add(uint16(0), int64(-1<<63), "a", "b", "done", int64(1), "", int64(0), int64(0), []byte{})
	for column := range 16 {
		f.Add(uint16(1<<column), int64(2), "0002-b.sql", "", "failed", int64(1), "", int64(0), int64(1), []byte{})
		f.Add(uint16(1<<column|1<<((column+3)%16)), int64(2), "0002-b.sh", "", "running", int64(0), "", int64(0), int64(1), []byte{})
	}
	f.Fuzz(func(t *testing.T, odd uint16, version int64, file, sha256, state string, position int64, started string, took, pid int64, text []byte) {
		path := newDB(t, false)
		fsys := files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "INSERT INTO a VALUES (2);\nVACUUM;\nINSERT INTO a VALUES (3)", "0003-c.sql", "INSERT INTO a VALUES (4)")
		migrate(t, path, fsys, core.Options{To: 1})
		loose(t, path)
		row := []any{version, file, sha256, state, position, started, took, pid, "host", pid, "process", pid, "tool", "sqlite", took, text, position, sha256}
		for i := range row[1:] { // which columns hold what they never do
			if odd>>i&1 == 1 {
				row[i+1] = []any{nil, 1.5, "odd", []byte("odd")}[(int(odd)+i)%4]
			}
		}
		insert(t, path, row)
		o := core.Options{LockTimeout: -1}
		before := query(t, path, "SELECT version FROM _meta")
		_, statusErr := core.Status(t.Context(), path, fsys, o)
		check.DB(t.Context(), path, o)
		repair.FindEdit(t.Context(), path, fsys, 1, o)
		_, err := core.RunMigrations(t.Context(), path, fsys, o)
		rows := query(t, path, "SELECT coalesce(group_concat(x), '') FROM a")
		switch {
		case errors.Is(statusErr, fault.ErrRecord):
			if now := query(t, path, "SELECT version FROM _meta"); !errors.Is(err, fault.ErrRecord) || now != before || rows != "" {
				t.Errorf("Status() = %v, but RunMigrations() = %v, at version %s with %s", statusErr, err, now, rows)
			}
		case err == nil && strings.Count(rows, "4") != 1, strings.Count(rows, "2") > 1, strings.Count(rows, "3") > 1:
			t.Errorf("RunMigrations() = %v, and applied %s", err, rows)
		}
		if _, err := repair.Resolve(t.Context(), path, repair.RolledBack, o); err != nil && !errors.Is(err, fault.ErrRecord) && !errors.Is(err, fault.ErrBusy) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Resolve() = %v", err)
		}
	})
}

func insert(t testing.TB, path string, row []any) {
	t.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("INSERT INTO _meta_history VALUES (?"+strings.Repeat(", ?", len(row)-1)+")", row...); err != nil {
		t.Fatal(err)
	}
}
