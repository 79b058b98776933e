package core_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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

// TestBackupReadsOnce counts what the process reads: a backup reads the database once, in
// few blocks, and not its copy.
func TestBackupReadsOnce(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	const block = 1 << 16
	for _, pages := range []int64{1000, 3000} {
		path := newDB(t, false)
		migrate(t, path, files("0001-a.sql", fmt.Sprintf(`CREATE TABLE a(x);
			WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO a SELECT randomblob(4000) FROM n`, pages)), core.Options{})
		reads, bytes := processReads(t)
		b, err := core.BackupDB(t.Context(), path, core.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, by := processReads(t)
		reads, bytes = r-reads, by-bytes
		if b.Bytes < pages*4096 {
			t.Fatalf("it has %d bytes", b.Bytes)
		}
		if more := bytes - b.Bytes; more < 0 || more > 20*block {
			t.Errorf("%d bytes of a database with %d were read", bytes, b.Bytes)
		}
		if more := reads - b.Bytes/block; more < 0 || more > 150 {
			t.Errorf("%d bytes were read by %d reads", bytes, reads)
		}
	}
}

// processReads gives how often the process has read, and how many bytes.
func processReads(t *testing.T) (reads, bytes int64) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip(err)
	}
	var written, writes int64
	if _, err := fmt.Sscanf(string(text), "rchar: %d\nwchar: %d\nsyscr: %d\nsyscw: %d", &bytes, &written, &reads, &writes); err != nil {
		t.Fatal(err)
	}
	return reads, bytes
}
