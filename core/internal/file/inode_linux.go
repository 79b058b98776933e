package file

import (
	"io/fs"
	"syscall"
	"time"
)

// ChangeTime is when a file, or what the system knows of it, was last changed:
// a time that no program can set.
func ChangeTime(info fs.FileInfo) time.Time {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(stat.Ctim.Unix())
	}
	return info.ModTime()
}
