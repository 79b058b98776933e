package core

import (
	"os/exec"
	"syscall"
)

// group gives a program a process group of its own, which ends with ours.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
