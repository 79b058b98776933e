//go:build linux || darwin

package file

import "syscall"

// FreeSpace is how many bytes may still be written where path is; -1 if unknown.
func FreeSpace(path string) int64 {
	var s syscall.Statfs_t
	if syscall.Statfs(path, &s) != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
