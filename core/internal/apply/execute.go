// How a program runs in a process group of its own, with its output read, until it ends
// or its time is over.

package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/process"
)

const (
	grace     = 5 * time.Second        // between the polite signal and the last one
	lingering = 500 * time.Millisecond // for output after the program has ended
	kept      = 64 << 10               // bytes of output
	shown     = 20                     // lines of it in an error
)

// execute runs a program with the path of the database as its last argument and gives
// the last lines that it printed. Before the program does anything, begun is told the
// number of its process group; its error ends the program. Execute returns once the
// program itself has ended, even if it left others behind that hold its output open; one
// that failed leaves none. Errors: the cause of ctx, what keeps the program from starting,
// or how it ended.
func (r *Run) execute(ctx context.Context, command []string, path string, begun func(group int) error) (output string, err error) {
	if r.Opts.ScriptTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.Opts.ScriptTimeout, fmt.Errorf("it took longer than %v and was ended", r.Opts.ScriptTimeout))
		defer cancel()
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	// The program ends with us, as far as the system can tell the thread that
	// started it from the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p, err := r.start(command, path)
	if err != nil {
		return "", err
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
	switch exit := (*exec.ExitError)(nil); {
	case err != nil:
		return "", err
	case cancelled:
		return p.output.last(), context.Cause(ctx)
	case errors.As(waited, &exit):
		return p.output.last(), fmt.Errorf("it ended with %s", describeExit(exit.ProcessState))
	case waited != nil:
		return p.output.last(), waited
	}
	if process.GroupAlive(p.cmd.Process.Pid) {
		r.Log().Warn(p.name + " left a process behind that still runs")
	}
	return p.output.last(), nil
}

// program is one that has started, and waits at its gate.
type program struct {
	name   string // of its file
	cmd    *exec.Cmd
	gate   *os.File // a line written to it lets the program go
	output *tail
	from   *os.File      // what the program prints
	read   chan struct{} // closed once all of that is read
	end    func()        // removes its working directory, if one was made
}

func (p *program) close() {
	p.end()
	p.gate.Close()
	p.from.Close()
}

// start starts a program, and reads what it prints.
func (r *Run) start(command []string, path string) (_ *program, err error) {
	found, err := exec.LookPath(command[0])
	if err != nil {
		var e *exec.Error
		errors.As(err, &e)
		return nil, fmt.Errorf("%s, which should run it, cannot be run: %w", command[0], fault.WithoutPath(e.Err))
	}
	command = append(slices.Clone(command), path)
	from, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	p := &program{name: filepath.Base(command[1]), from: from, output: &tail{live: r.Opts.Output}, read: make(chan struct{}), end: func() {}}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if command[0] != filepath.Base(found) { // not looked for, but at a place that may be relative
		if command[0], err = filepath.Abs(found); err != nil {
			return nil, err
		}
	}
	if p.cmd, p.gate, err = gated(command); err != nil {
		return nil, err
	}
	if p.end, err = surroundings(r.DB, p.cmd, path); err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	waits := p.cmd.ExtraFiles
	if r.DirLock != nil {
		p.cmd.ExtraFiles = append(slices.Clip(waits), r.DirLock)
	}
	err = p.cmd.Start()
	for _, f := range waits {
		f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("%s, which should run it, cannot be run: %w", command[0], fault.WithoutPath(err))
	}
	go func() {
		io.Copy(p.output, from)
		close(p.read)
	}()
	return p, nil
}

// wait waits for the end of the program, which it ends if ctx does: politely, then for
// good.
func (p *program) wait(ctx context.Context) (cancelled bool, waited error) {
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

// tail passes on what is written, and keeps the end of it.
type tail struct {
	mu    sync.Mutex
	live  io.Writer
	buf   []byte
	cut   bool
	total int
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total += len(p)
	if t.live != nil {
		t.live.Write(p)
	}
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - kept; over > 0 {
		t.buf, t.cut = append(t.buf[:0], t.buf[over:]...), true
	}
	return len(p), nil
}

// drain waits until everything is read, or nothing has come for a while: processes that
// were left behind may hold the pipe open for ever, or print for ever.
func (t *tail) drain(read <-chan struct{}) {
	for end, seen := time.Now().Add(grace), -1; time.Now().Before(end); {
		t.mu.Lock()
		now := t.total
		t.mu.Unlock()
		if now == seen {
			return
		}
		seen = now
		select {
		case <-read:
			return
		case <-time.After(lingering):
		}
	}
}

// last gives the last lines, as text.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimRight(t.buf, "\n"), []byte("\n"))
	if len(lines) > shown {
		lines, t.cut = lines[len(lines)-shown:], true
	}
	text := strings.ToValidUTF8(string(bytes.Join(lines, []byte("\n"))), "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if t.cut {
		text = "…\n" + text
	}
	return text
}
