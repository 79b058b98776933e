package sqlite

import (
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"fastmigrate/core/temp"
)

// placed is the directory that SQLite was given for the temporary files of the
// process; "" if it was given none.
var placed struct {
	sync.Mutex
	dir string
}

// TempDir is the directory in which SQLite makes its temporary files; "" if there is none.
func TempDir() string {
	placed.Lock()
	defer placed.Unlock()
	if placed.dir != "" && temp.Usable(placed.dir) {
		return placed.dir
	}
	return temp.Place()
}

// place gives SQLite the directory of the database at path for its temporary files if it
// can make none elsewhere: sorts that do not fit into memory would fail.
func (c *Conn) place(path string) error {
	dir := filepath.Dir(path)
	if !filepath.IsAbs(path) || temp.Place() != "" || !temp.Usable(dir) {
		return nil
	}
	placed.Lock()
	defer placed.Unlock()
	if placed.dir != "" && temp.Usable(placed.dir) {
		return nil
	}
	placed.dir = dir
	return c.Exec("PRAGMA temp_store_directory = '" + strings.ReplaceAll(dir, "'", "''") + "'")
}

// LongestPath is how many bytes the path of a database may have, so that SQLite can open
// its -journal too.
var LongestPath = sync.OnceValue(func() int {
	tls := libc.NewTLS()
	defer tls.Close()
	return int(pointer[lib.Tsqlite3_vfs](lib.Xsqlite3_vfs_find(tls, 0)).FmxPathname) - len("-journal")
})

var opened atomic.Int64

// Opened counts the connections that this process has opened so far, for tests.
func Opened() int64 { return opened.Load() }
