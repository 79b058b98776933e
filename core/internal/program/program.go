// Package program runs a program in a process group of its own, with its output read,
// until it ends or its time is over.
//
// The invariant: a program does nothing before its caller has noted its process group,
// except on Windows, where nothing holds it back.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/process"
)

// grace is the time between the polite signal and the last one.
const grace = 5 * time.Second

// Command is a program that is to run.
type Command struct {
	Args    []string      // the program, a path or a name in PATH, and its arguments: at least one
	Env     []string      // as os/exec has it; nil: that of this process
	Dir     string        // its working directory; "": that of this process
	Timeout time.Duration // after which it is ended; 0: it may take any time
	Lock    *os.File      // which it inherits; nil: none
	Output  io.Writer     // gets at once what it prints; nil: no one does
}

// Ended describes a program that has run.
type Ended struct {
	Output string // the last lines that it printed
	Left   bool   // it succeeded, and left a process behind that still runs
}

// Run runs the program. Before that does anything, begun is told the number of its process
// group; its error ends the program. Run returns once the program itself has ended, even if
// it left others behind that hold its output open; one that failed leaves none. Errors: the
// cause of ctx, what keeps the program from starting, or how it ended.
func (c *Command) Run(ctx context.Context, begun func(group int) error) (Ended, error) {
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("it took longer than %v and was stopped", c.Timeout))
		defer cancel()
	}
	if ctx.Err() != nil {
		return Ended{}, context.Cause(ctx)
	}
	// The program ends with us, as far as the system can tell the thread that
	// started it from the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p, err := c.start()
	if err != nil {
		return Ended{}, err
	}
	defer p.close()
	if err = begun(p.cmd.Process.Pid); err == nil {
		io.WriteString(p.gate, "\n")
	}
	p.gate.Close()
	cancelled, waited := p.wait(ctx)
	if cancelled || waited != nil || err != nil {
		endGroup(p.cmd)
	}
	p.output.drain(p.read)
	p.from.Close() // others may still hold the other end
	<-p.read
	if err != nil {
		return Ended{}, err
	}
	ended := Ended{Output: p.output.last()}
	switch exit := (*exec.ExitError)(nil); {
	case cancelled:
		return ended, context.Cause(ctx)
	case errors.As(waited, &exit):
		return ended, fmt.Errorf("it ended with %s", describeExit(exit.ProcessState))
	case waited != nil:
		return ended, waited
	}
	ended.Left = process.GroupAlive(p.cmd.Process.Pid)
	return ended, nil
}

// started is a program that has started, and waits at its gate.
type started struct {
	cmd    *exec.Cmd
	gate   *os.File // a line written to it lets the program go
	output *tail
	from   *os.File      // what the program prints
	read   chan struct{} // closed once all of that is read
}

func (p *started) close() {
	p.gate.Close()
	p.from.Close()
}

// start starts the program, and reads what it prints.
func (c *Command) start() (_ *started, err error) {
	name := c.Args[0]
	found, err := exec.LookPath(name)
	if err != nil {
		var e *exec.Error
		errors.As(err, &e)
		return nil, fmt.Errorf("%s, which should run it, cannot be started: %w", name, fault.WithoutPath(e.Err))
	}
	from, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	p := &started{from: from, output: &tail{live: c.Output}, read: make(chan struct{})}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if name != filepath.Base(found) { // not looked for, but at a place that may be relative
		if name, err = filepath.Abs(found); err != nil {
			return nil, err
		}
	}
	if p.cmd, p.gate, err = gated(append([]string{name}, c.Args[1:]...)); err != nil {
		return nil, err
	}
	p.cmd.Env, p.cmd.Dir = c.Env, c.Dir
	p.cmd.Stdout, p.cmd.Stderr = w, w
	waits := p.cmd.ExtraFiles
	if c.Lock != nil {
		p.cmd.ExtraFiles = append(slices.Clip(waits), c.Lock)
	}
	err = p.cmd.Start()
	for _, f := range waits {
		f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("%s, which should run it, cannot be started: %w", name, fault.WithoutPath(err))
	}
	go func() {
		io.Copy(p.output, from)
		close(p.read)
	}()
	return p, nil
}

// wait waits for the end of the program, which it ends if ctx does: politely, then for
// good.
func (p *started) wait(ctx context.Context) (cancelled bool, waited error) {
	polite := context.AfterFunc(ctx, func() { terminateGroup(p.cmd) })
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case waited = <-ended:
	case <-ctx.Done():
		select {
		case waited = <-ended:
		case <-time.After(grace):
			killGroup(p.cmd)
			waited = <-ended
		}
	}
	return !polite(), waited
}

// endGroup ends what a program left behind: politely, then for good.
func endGroup(cmd *exec.Cmd) {
	if !process.GroupAlive(cmd.Process.Pid) {
		return
	}
	terminateGroup(cmd)
	for end := time.Now().Add(grace); process.GroupAlive(cmd.Process.Pid) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	killGroup(cmd)
}
