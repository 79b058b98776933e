//go:build unix && !linux

package core

import "syscall"

// attributes gives a program a process group of its own.
var attributes = syscall.SysProcAttr{Setpgid: true}
