package apply

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// gated prepares a command. Windows has no shell to hold it until it is let go.
func gated(command []string) (cmd *exec.Cmd, open *os.File, err error) {
	open, err = os.Open(os.DevNull)
	cmd = exec.Command(command[0], command[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	return cmd, open, err
}

// signalGroup ends a program and those that it started. Windows has no polite
// way that a program without a window would notice.
func signalGroup(cmd *exec.Cmd, _ bool) {
	exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	cmd.Process.Kill()
}

func describeExit(s *os.ProcessState) string { return s.String() }
