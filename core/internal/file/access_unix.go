//go:build unix

package file

import (
	"os"
	"syscall"
)

// Writable reports why path cannot be written to; nil if it can.
func Writable(path string) error { return syscall.Access(path, 2) }

// Readable reports why path cannot be read; nil if it can.
func Readable(path string) error { return syscall.Access(path, 4) }

// MatchOwner gives the file at path the owner, group, mode and ACL of the file
// like. Rights that it cannot match it takes away, so that no one can read or write
// the one and not the other.
func MatchOwner(path, like string) error {
	info, err := os.Stat(like)
	if err != nil {
		return err
	}
	mode := info.Mode().Perm()
	grouped := true
	if want, ok := info.Sys().(*syscall.Stat_t); ok && os.Chown(path, int(want.Uid), int(want.Gid)) != nil {
		grouped = os.Chown(path, -1, int(want.Gid)) == nil
	}
	switch {
	case grouped && matchACL(path, like):
	case !grouped && !hasACL(like): // members of that group are "others" to this file
		removeACL(path)
		mode &= 0o700 | mode>>3&0o007
	default:
		removeACL(path)
		mode &= 0o700
	}
	return os.Chmod(path, mode)
}
