//go:build linux

package core_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fastmigrate/core"
)

const filling = `CREATE TABLE a(x); INSERT INTO a VALUES (1);
INSERT INTO a WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 3000) SELECT randomblob(300) FROM r;`

// intact checks that the database is whole and at version, with the tables of
// that version and no others.
func intact(t *testing.T, path string, version int) {
	t.Helper()
	if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
		t.Fatalf("%s: %s", path, got)
	}
	if got := query(t, path, "SELECT (SELECT version FROM _meta) || ' ' || count(*) FROM sqlite_master WHERE name = 'a'"); got != fmt.Sprintf("%d %[1]d", version) {
		t.Fatalf("%s: version and tables are %s, want %d", path, got, version)
	}
}

// TestFullDisk migrates and backs up on a file system that has too little room,
// for every size of it, and then with enough.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		if os.Getuid() != 0 {
			t.Skip("only root may mount a file system")
		}
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	failures := 0
	for _, wal := range []bool{false, true} {
		for kb := 64; ; kb += 128 {
			if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, fmt.Sprintf("size=%dk", kb)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(disk, fmt.Sprintf("%v%d.db", wal, kb))
			if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
				t.Fatal(err)
			}
			if wal {
				query(t, path, "PRAGMA journal_mode = WAL")
			}
			_, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", filling), core.Options{})
			if err != nil {
				failures++
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("at %d KB: RunMigrations() = %v", kb, err)
				}
				intact(t, path, 0)
			} else {
				intact(t, path, 1)
				_, err = core.BackupDB(t.Context(), path, core.Options{})
				if err != nil && !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("at %d KB: BackupDB() = %v", kb, err)
				}
			}
			left, err2 := os.ReadDir(disk)
			if err2 != nil {
				t.Fatal(err2)
			}
			for _, f := range left {
				if err != nil && (strings.Contains(f.Name(), ".backup") || strings.HasPrefix(f.Name(), ".")) {
					t.Errorf("at %d KB: %v left %s", kb, err, f.Name())
				}
				os.Remove(filepath.Join(disk, f.Name()))
			}
			if err == nil {
				break
			}
		}
	}
	if failures == 0 {
		t.Error("there was always room")
	}
}

// TestFullDiskRestore restores with too little room, for every size of it: the
// database is as it was, and nothing is left of the attempt.
func TestFullDiskRestore(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		if os.Getuid() != 0 {
			t.Skip("only root may mount a file system")
		}
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	for _, wal := range []bool{false, true} {
		failures := 0
		old, backup := numbered(t, wal, "old", 4096), numbered(t, wal, "new", 4096)
		for kb := 640; ; kb += 96 {
			if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, fmt.Sprintf("size=%dk", kb)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(disk, "app.db")
			if data, err := os.ReadFile(old); err != nil {
				t.Fatal(err)
			} else if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := core.RestoreDB(t.Context(), backup, path, core.Options{})
			want, files := "new", []string{".backups.fastmigrate", "app.db", filepath.Base(r.Kept)}
			if err != nil {
				failures++
				want, files = "old", files[1:2]
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("at %d KB: RestoreDB() = %v", kb, err)
				}
			}
			if got := strings.Join(names(t, disk), " "); got != strings.Join(files, " ") {
				t.Errorf("at %d KB: %v left %s", kb, err, got)
			}
			if got := query(t, path, "SELECT DISTINCT x FROM a"); got != want || query(t, path, "PRAGMA integrity_check") != "ok" {
				t.Errorf("at %d KB: %v left what is %s", kb, err, got)
			}
			for _, f := range names(t, disk) {
				os.Remove(filepath.Join(disk, f))
			}
			if err == nil {
				break
			}
		}
		if failures < 3 {
			t.Errorf("wal %v: there was room but %d times", wal, failures)
		}
	}
}

// TestFileLimit does the same where the system lets files grow only so far,
// which SQLite sees as failed writes.
func TestFileLimit(t *testing.T) {
	dir := directory(t, "0001-a.sql", filling)
	for _, wal := range []bool{false, true} {
		failures := 0
		for blocks := 0; ; blocks += 97 {
			path := newDB(t, wal)
			c := child(path, dir)
			sh := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -f %d; exec "$0"`, blocks), c.Path)
			sh.Env = c.Env
			out, err := sh.CombinedOutput()
			if err == nil {
				intact(t, path, 1)
				break
			}
			failures++
			if !strings.HasPrefix(string(out), "migrate ") {
				t.Fatalf("at %d blocks: %s", blocks, out)
			}
			intact(t, path, 0)
		}
		if failures == 0 {
			t.Error("there was always room")
		}
	}
}
