//go:build unix

package builtins

import (
	"os/exec"
	"syscall"
)

// ownGroup has a program be told to end together with all that it started; what
// end finds of them then, it kills.
func ownGroup(cmd *exec.Cmd) (end func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	return func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
