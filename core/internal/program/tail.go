package program

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	lingering = 500 * time.Millisecond // for output after the program has ended
	kept      = 64 << 10               // bytes of output
	shown     = 20                     // lines of it in an error
)

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

// last returns the last lines, as text.
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
