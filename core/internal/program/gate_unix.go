//go:build unix

package program

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// gated prepares a command that does nothing until a line is written to gate: if this
// process is killed before, the program never runs.
func gated(command []string) (cmd *exec.Cmd, gate *os.File, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.Command("/bin/sh", append([]string{"-c", `read -r _ <&3 && exec "$@" 3<&-`, "sh"}, command...)...)
	attr := attributes
	cmd.ExtraFiles, cmd.SysProcAttr = []*os.File{r}, &attr
	return cmd, w, nil
}

// terminateGroup asks the process group of a program to end.
func terminateGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// killGroup ends the process group of a program.
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

func describeExit(s *os.ProcessState) string {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf("signal %d (%v)", ws.Signal(), ws.Signal())
	}
	return s.String()
}
