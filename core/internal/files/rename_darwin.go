package files

import "golang.org/x/sys/unix"

// rename moves from to to, which must be free, in one step.
func rename(from, to string) error {
	err := unix.RenamexNp(from, to, unix.RENAME_EXCL)
	if err == unix.ENOTSUP || err == unix.EINVAL { // the file system has nothing of the kind
		return linkAway(from, to)
	}
	return err
}
