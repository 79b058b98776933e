package core

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
	"strings"
	"sync"
	"time"
)

const (
	grace     = 5 * time.Second        // between the polite signal and the last one
	lingering = 500 * time.Millisecond // for output after the program has ended
	kept      = 64 << 10               // bytes of output
	shown     = 20                     // lines of it in an error
)

// execute runs a program with the path of the database as its last argument and
// gives the last lines that it printed. It returns once the program itself has
// ended, also if it left others behind that hold its output open.
func (d *database) execute(ctx context.Context, command []string, path string) (output string, err error) {
	if d.o.ScriptTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.o.ScriptTimeout, fmt.Errorf("it took longer than %v and was ended", d.o.ScriptTimeout))
		defer cancel()
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	// The program ends with us, as far as the system can tell the thread that
	// started it from the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	cmd := exec.Command(command[0], append(command[1:], path)...)
	cmd.Stdout, cmd.Stderr = w, w
	group(cmd)
	err = cmd.Start()
	w.Close()
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", sayf(exec.ErrNotFound, "there is no program %s to run it with", command[0])
		}
		return "", err
	}
	t := &tail{live: d.o.Output}
	read := make(chan struct{})
	go func() {
		io.Copy(t, r)
		close(read)
	}()
	stop := context.AfterFunc(ctx, func() {
		signalGroup(cmd, false)
		time.AfterFunc(grace, func() { signalGroup(cmd, true) })
	})
	err = cmd.Wait()
	ended := stop()
	select {
	case <-read:
	case <-time.After(lingering):
	}
	if !ended {
		signalGroup(cmd, true)
		return t.last(), context.Cause(ctx)
	}
	if groupExists(cmd) {
		d.o.log().Warn(filepath.Base(command[1]) + " left a process behind that still runs")
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("it ended with %s", describeExit(exit.ProcessState))
	}
	return t.last(), err
}

// tail passes what is written on and keeps the end of it.
type tail struct {
	mu   sync.Mutex
	live io.Writer
	buf  []byte
	cut  bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live != nil {
		t.live.Write(p)
	}
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - kept; over > 0 {
		t.buf, t.cut = append(t.buf[:0], t.buf[over:]...), true
	}
	return len(p), nil
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
	if t.cut {
		text = "…\n" + text
	}
	return text
}
