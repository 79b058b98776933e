//go:build unix

package core

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// signalGroup ends the process group of a program: politely, or for good.
func signalGroup(cmd *exec.Cmd, forGood bool) {
	sig := syscall.SIGTERM
	if forGood {
		sig = syscall.SIGKILL
	}
	syscall.Kill(-cmd.Process.Pid, sig)
}

func groupExists(cmd *exec.Cmd) bool { return syscall.Kill(-cmd.Process.Pid, 0) == nil }

func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}

func describeExit(s *os.ProcessState) string {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf("signal %d (%v)", ws.Signal(), ws.Signal())
	}
	return s.String()
}
