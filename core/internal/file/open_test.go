package file

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// TestOnlyRead: a database is not said to be one that can only be read, unless its
// header says so.
func TestOnlyRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	made, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(made.Exec("CREATE TABLE a(x)"), made.Close()); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[byte]error{1: syscall.EMFILE, 2: syscall.EMFILE, 3: fault.ErrReadOnly} {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err == nil {
			_, err = f.WriteAt([]byte{version}, 18)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := sqlite.Open(t.Context(), path, sqlite.ReadOnly, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := onlyRead(c); !errors.Is(err, want) {
			t.Errorf("header %d: %v, want %v", version, err, want)
		}
		c.Close()
	}
}
