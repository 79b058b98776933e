//go:build linux

package core_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"fastmigrate/core/runner"
)

// TestTxFullTemp has a query fail for want of room for SQLite's temporary files,
// which ends the transaction, and a migration that does not mind: nothing may be
// written after that, and the version stays.
func TestTxFullTemp(t *testing.T) {
	const env = "SQLITE_TMPDIR" // read once, at the start of a process
	if os.Getenv(env) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTxFullTemp$", "-test.v")
		cmd.Env = append(os.Environ(), env+"="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if err := syscall.Mount("tmpfs", os.Getenv(env), "tmpfs", 0, "size=64k"); err != nil {
		if os.Getuid() != 0 {
			t.Skip("only root may mount a file system")
		}
		t.Fatal(err)
	}
	defer syscall.Unmount(os.Getenv(env), syscall.MNT_DETACH)
	for _, then := range []string{"", "DELETE FROM n", "CREATE TABLE more(x)"} {
		path, _, err := inTx(t, "CREATE TABLE n(x); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 20000) INSERT INTO n SELECT randomblob(1000) FROM c", func(tx *runner.Tx) error {
			if _, err := tx.Exec("DELETE FROM n WHERE rowid = 1"); err != nil {
				t.Fatal(err)
			}
			c, err := tx.Query("SELECT x FROM n ORDER BY x")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Next(); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Next() = %v", err)
			}
			c.Close()
			if then != "" {
				if _, err := tx.Exec(then); !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("%s: %v", then, err)
				}
			}
			return nil
		})
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), os.Getenv(env)+", where temporary files go: "+env+"=DIR") {
			t.Errorf("RunMigrations() = %v", err)
		}
		if got := ask(t, path, "SELECT (SELECT count(*) FROM n), (SELECT version FROM _meta), (SELECT count(*) FROM sqlite_master WHERE name = 'more')"); got != "[[20000 0 0]]" {
			t.Errorf("%q left %s", then, got)
		}
	}
}
