//go:build unix

package temp

import (
	"io/fs"
	"os"
	"syscall"
)

// mine reports whether a file is this user's.
func mine(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// Variable is the environment variable that names the directory for temporary files.
const Variable = "TMPDIR"

// Usable reports whether SQLite can create files in the directory dir.
func Usable(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && syscall.Access(dir, 3) == nil // W_OK and X_OK
}
