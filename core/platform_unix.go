//go:build unix

package core

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// separators are what stands between the names of a path.
const separators = "/"

// absolute is path from the root on, and otherwise as it is.
func absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	here, err := os.Getwd()
	return here + separators + path, err
}

// writable reports why path cannot be written to; nil if it can.
func writable(path string) error { return syscall.Access(path, 2) }

// links is how many names the file has.
func links(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Nlink)
	}
	return 1
}

// readable reports why path cannot be read; nil if it can.
func readable(path string) error { return syscall.Access(path, 4) }

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// matchOwner gives the file at path the owner, group and mode of like; where it
// may not, it withdraws the mode's rights of group or others, so that no more
// people can read it than could like.
func matchOwner(path string, like fs.FileInfo) error {
	mode := like.Mode().Perm()
	if want, ok := like.Sys().(*syscall.Stat_t); ok {
		if os.Chown(path, int(want.Uid), int(want.Gid)) != nil && os.Chown(path, -1, int(want.Gid)) != nil {
			mode &^= 0o070
		}
	}
	return os.Chmod(path, mode)
}
