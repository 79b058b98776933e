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

// execute runs a program with the path of the database as its last argument and
// gives the last lines that it printed. Before the program does anything, begun
// is told the number of its process group. It returns once the program itself
// has ended, also if it left others behind that hold its output open; one that
// failed leaves none.
func (r *Run) execute(ctx context.Context, command []string, path string, begun func(group int) error) (output string, err error) {
	if r.Opts.ScriptTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.Opts.ScriptTimeout, fmt.Errorf("it took longer than %v and was ended", r.Opts.ScriptTimeout))
		defer cancel()
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		var e *exec.Error
		errors.As(err, &e)
		return "", fmt.Errorf("%s, which should run it, cannot be run: %w", command[0], fault.WithoutPath(e.Err))
	}
	// The program ends with us, as far as the system can tell the thread that
	// started it from the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	from, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer from.Close()
	command = append(slices.Clone(command), path)
	if command[0] != filepath.Base(program) { // not looked for, but at a place that may be relative
		if command[0], err = filepath.Abs(program); err != nil {
			w.Close()
			return "", err
		}
	}
	cmd, open, err := gated(command)
	if err != nil {
		w.Close()
		return "", err
	}
	defer open.Close()
	end, err := surroundings(r.DB, cmd, path)
	defer end()
	if err != nil {
		w.Close()
		return "", err
	}
	cmd.Stdout, cmd.Stderr = w, w
	gate := cmd.ExtraFiles
	if r.DirLock != nil {
		cmd.ExtraFiles = append(slices.Clip(gate), r.DirLock)
	}
	err = cmd.Start()
	w.Close()
	for _, f := range gate {
		f.Close()
	}
	if err != nil {
		return "", fmt.Errorf("%s, which should run it, cannot be run: %w", command[0], fault.WithoutPath(err))
	}
	t := &tail{live: r.Opts.Output}
	read := make(chan struct{})
	go func() {
		io.Copy(t, from)
		close(read)
	}()
	if err = begun(cmd.Process.Pid); err == nil {
		io.WriteString(open, "\n")
	}
	open.Close()
	polite := context.AfterFunc(ctx, func() { signalGroup(cmd, false) })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var waited error
	select {
	case waited = <-ended:
	case <-ctx.Done():
		select {
		case waited = <-ended:
		case <-time.After(grace):
			signalGroup(cmd, true)
			waited = <-ended
		}
	}
	cancelled := !polite()
	if cancelled || waited != nil || err != nil {
		endGroup(cmd)
	}
	t.drain(read)
	from.Close() // whoever still holds the other end is no concern of ours
	<-read
	switch exit := (*exec.ExitError)(nil); {
	case err != nil:
		return "", err
	case cancelled:
		return t.last(), context.Cause(ctx)
	case errors.As(waited, &exit):
		return t.last(), fmt.Errorf("it ended with %s", describeExit(exit.ProcessState))
	case waited != nil:
		return t.last(), waited
	}
	if process.GroupAlive(cmd.Process.Pid) {
		r.Log().Warn(filepath.Base(command[1]) + " left a process behind that still runs")
	}
	return t.last(), nil
}

// endGroup ends what a program left behind: politely, then for good.
func endGroup(cmd *exec.Cmd) {
	if !process.GroupAlive(cmd.Process.Pid) {
		return
	}
	signalGroup(cmd, false)
	for end := time.Now().Add(grace); process.GroupAlive(cmd.Process.Pid) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	signalGroup(cmd, true)
}

// tail passes what is written on and keeps the end of it.
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

// drain waits until everything is read, or nothing has come for a while: others
// may hold the pipe open for ever, or print for ever.
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

// last gives the last lines.
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
