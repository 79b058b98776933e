//go:build unix && !linux

package core

import (
	"os/exec"
	"syscall"
)

// group gives a program a process group of its own.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
