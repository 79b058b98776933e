package file

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"fastmigrate/core/internal/sqlite"
)

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
