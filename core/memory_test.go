package core_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fastmigrate/core"
)

// TestMemoryOfAScript: a large script is in memory once, and SQLite has a part of it at a time,
// with LF and CRLF alike.
func TestMemoryOfAScript(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip(err)
	}
	// peak is the most memory, in bytes, that a process needs for a script of about size bytes.
	peak := func(size int, newline string) int {
		var s strings.Builder
		for i := 0; s.Len() < size; i++ {
			fmt.Fprintf(&s, "REPLACE INTO t VALUES (%d, '%s');%s", i%10, strings.Repeat("x", 900), newline)
		}
		path, dir := newDB(t, false), directory(t, "0001-t.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY, x)", "0002-rows.sql", s.String())
		migrate(t, path, os.DirFS(dir), core.Options{To: 1})
		cmd := child(path, dir)
		cmd.Env = append(cmd.Env, "PEAK=1")
		out, err := cmd.Output()
		found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(out)
		if err != nil || found == nil {
			t.Fatalf("%v: %s", err, out)
		}
		kb, _ := strconv.Atoi(string(found[1]))
		return kb << 10
	}
	const size = 64 << 20
	for _, newline := range []string{"\n", "\r\n"} {
		small, large := peak(1, newline), peak(size, newline)
		if got, most := large-small, size*12/10; got > most || got < size/2 {
			t.Errorf("%q: %d bytes for a script of %d, want %d at most", newline, got, size, most)
		}
	}
}
