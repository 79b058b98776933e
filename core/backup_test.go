package core_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
)

// TestBackup: a copy is one state of the database, whoever writes meanwhile.
func TestBackup(t *testing.T) {
	for _, wal := range []bool{false, true} {
		path := newDB(t, wal)
		migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x, filler); CREATE TABLE total(n); INSERT INTO total VALUES (0)"), core.Options{})
		stop, stopped := make(chan bool), make(chan error)
		go func() {
			c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 10*time.Second)
			if err != nil {
				stopped <- err
				return
			}
			defer c.Close()
			for {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				for _, sql := range []string{"BEGIN IMMEDIATE", "INSERT INTO a VALUES (1, randomblob(2000))", "UPDATE total SET n = n + 1", "COMMIT"} {
					if err := c.Exec(sql); err != nil {
						stopped <- err
						return
					}
				}
			}
		}()
		for range 3 {
			b, err := core.BackupDB(t.Context(), path, core.Options{})
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(b.Path)
			if err != nil {
				t.Fatal(err)
			}
			if sum := fmt.Sprintf("%x", sha256.Sum256(data)); b.SHA256 != sum || b.Bytes != int64(len(data)) {
				t.Errorf("BackupDB() = %+v, want %d bytes of %s", b, len(data), sum)
			}
			if got := query(t, b.Path, "SELECT (SELECT n FROM total) = (SELECT count(*) FROM a), (SELECT version FROM _meta)"); got != "1|1" {
				t.Errorf("the backup holds %s", got)
			}
			if b.Version != 1 {
				t.Errorf("BackupDB() = %+v", b)
			}
		}
		close(stop)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		if list, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".f*")); list != nil {
			t.Errorf("left behind: %v", list)
		}
	}
}
