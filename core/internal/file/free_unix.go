//go:build linux || darwin

package file

import "syscall"

// FreeSpace is how many bytes the user may still write to the file system of path; -1
// if unknown.
func FreeSpace(path string) int64 {
	var s syscall.Statfs_t
	if syscall.Statfs(path, &s) != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
