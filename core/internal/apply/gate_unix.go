//go:build unix

package apply

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// gated prepares a command that does nothing until a line is written to open.
// Ours may be killed at any moment: a program that was not let go never runs.
func gated(command []string) (cmd *exec.Cmd, open *os.File, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.Command("/bin/sh", append([]string{"-c", `read -r _ <&3 && exec "$@" 3<&-`, "sh"}, command...)...)
	attr := attributes
	cmd.ExtraFiles, cmd.SysProcAttr = []*os.File{r}, &attr
	return cmd, w, nil
}

// signalGroup ends the process group of a program: politely, or for good.
func signalGroup(cmd *exec.Cmd, forGood bool) {
	sig := syscall.SIGTERM
	if forGood {
		sig = syscall.SIGKILL
	}
	syscall.Kill(-cmd.Process.Pid, sig)
}

func describeExit(s *os.ProcessState) string {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf("signal %d (%v)", ws.Signal(), ws.Signal())
	}
	return s.String()
}
