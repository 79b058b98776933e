//go:build unix && !linux

package program

import "syscall"

// attributes gives a program a process group of its own.
var attributes = syscall.SysProcAttr{Setpgid: true}
