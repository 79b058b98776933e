//go:build unix

package discover

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// another is the owner of a file if that is neither this user nor root; else "".
func another(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return ""
	}
	owner := strconv.Itoa(int(stat.Uid))
	if os.Geteuid() == 0 && owner == os.Getenv("SUDO_UID") {
		return ""
	}
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	return owner
}

func everyone(info fs.FileInfo) bool { return info.Mode().Perm()&0o002 != 0 }
