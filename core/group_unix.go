//go:build unix && !linux

package core

import "syscall"

// attributes gives a program a process group of its own.
var attributes = syscall.SysProcAttr{Setpgid: true}

// groupAlive reports whether any process of a group runs.
func groupAlive(group int) bool {
	err := syscall.Kill(-group, 0)
	return err == nil || err == syscall.EPERM
}

// processExists reports whether there is a process with the number pid.
func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}
