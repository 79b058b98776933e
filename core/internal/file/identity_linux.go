package file

import (
	"fmt"
	"os"
	"syscall"
)

// Identity returns the file system and the inode of the file at path, which tell it from
// files that have this path at another time or in another container; "" if unknown.
func Identity(path string) string {
	var system syscall.Statfs_t
	info, err := os.Stat(path)
	if err != nil || syscall.Statfs(path, &system) != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%08x%08x-%d", uint32(system.Fsid.X__val[0]), uint32(system.Fsid.X__val[1]), stat.Ino)
}
