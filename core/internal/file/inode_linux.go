package file

import (
	"io/fs"
	"syscall"
	"time"
)

// ChangeTime is when the content or the inode of a file was last changed (ctime), which
// no program can set.
func ChangeTime(info fs.FileInfo) time.Time {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(stat.Ctim.Unix())
	}
	return info.ModTime()
}
