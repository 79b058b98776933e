package core

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// signalGroup ends a program and those that it started. Windows has no polite
// way that a program without a window would notice.
func signalGroup(cmd *exec.Cmd, _ bool) {
	exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	cmd.Process.Kill()
}

func groupExists(*exec.Cmd) bool { return false }

func processExists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}

func describeExit(s *os.ProcessState) string { return s.String() }
