package files

import "golang.org/x/sys/unix"

// rename moves from to to, which must be free, in one step.
func rename(from, to string) error {
	for {
		switch err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE); err {
		case unix.EINTR:
		case unix.ENOSYS, unix.EINVAL, unix.ENOTSUP: // the file system, as NFS, has nothing of the kind
			return linkAway(from, to)
		default:
			return err
		}
	}
}
