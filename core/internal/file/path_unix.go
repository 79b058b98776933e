//go:build unix

package file

import (
	"io/fs"
	"os"
	"syscall"
)

// separators are the bytes that separate the names of a path.
const separators = "/"

// sameDisk reports whether two directories are on one file system.
func sameDisk(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err != nil || err2 != nil {
		return false
	}
	s, ok := one.Sys().(*syscall.Stat_t)
	t, ok2 := other.Sys().(*syscall.Stat_t)
	return ok && ok2 && s.Dev == t.Dev
}

// LinkCount is the number of names (hard links) of a file.
func LinkCount(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Nlink)
	}
	return 1
}
