//go:build unix && !linux

package apply

import "syscall"

// attributes gives a program a process group of its own.
var attributes = syscall.SysProcAttr{Setpgid: true}
