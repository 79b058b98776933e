package program

import "syscall"

// attributes gives a program a process group of its own, which ends with ours.
var attributes = syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
