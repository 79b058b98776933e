//go:build unix && !linux

package process

import "syscall"

// GroupAlive reports whether any process of a group runs.
func GroupAlive(group int) bool { return running(-group) }

func running(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}
