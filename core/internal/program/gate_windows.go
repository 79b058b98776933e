package program

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// gated prepares a command. Windows has no shell to hold it until it is let go.
func gated(command []string) (cmd *exec.Cmd, gate *os.File, err error) {
	gate, err = os.Open(os.DevNull)
	cmd = exec.Command(command[0], command[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	return cmd, gate, err
}

// terminateGroup is [killGroup]: Windows has no polite way that a program without a window
// would notice.
func terminateGroup(cmd *exec.Cmd) { killGroup(cmd) }

// killGroup ends a program and those that it started.
func killGroup(cmd *exec.Cmd) {
	exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	cmd.Process.Kill()
}

func describeExit(s *os.ProcessState) string { return s.String() }
