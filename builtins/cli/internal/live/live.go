// Package live shows progress: on a terminal in one line that changes, elsewhere as a line
// of the log from time to time.
package live

import (
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"

	"fastmigrate/core/visible"
)

// Line is the last line of a terminal. It is redrawn each time, and erased before anything
// else is printed, through Write and Over. All it needs from the terminal is that a
// carriage return moves to the left. It may be used concurrently.
type Line struct {
	mu     sync.Mutex
	w      io.Writer
	width  func() int
	drawn  int  // columns to erase
	inside bool // other output has not ended its line
}

// IsTerminal reports whether f is a terminal.
func IsTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// IsPlain reports whether terminals show nothing but text here, without colours and lines
// that change: TERM says so.
func IsPlain() bool { return os.Getenv("TERM") == "dumb" }

// Width is how many columns the terminal f has: 80 if it does not tell, and 0 if f is no
// terminal.
func Width(f *os.File) int {
	if !IsTerminal(f) {
		return 0
	}
	if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
		return n
	}
	return 80
}

// On is a Line on the terminal f.
func On(f *os.File) *Line { return &Line{w: f, width: func() int { return Width(f) }} }

// Show replaces the line with text, cut to the width of the terminal. An empty text only
// erases the line.
func (l *Line) Show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside {
		return
	}
	l.draw(visible.Line(text))
}

// draw draws text, and blanks over the rest of the last one.
func (l *Line) draw(text string) {
	width := max(1, l.width()-1) // many terminals wrap as soon as the last column is written to
	text = fit(text, width)
	n := runewidth.StringWidth(text)
	blanks := ""
	if l.drawn > 0 {
		blanks = strings.Repeat(" ", max(0, min(l.drawn+len("^C"), width)-n)) // which the terminal echoes
	}
	switch {
	case text != "":
		io.WriteString(l.w, "\r"+text+blanks)
	case blanks != "":
		io.WriteString(l.w, "\r"+blanks+"\r")
	}
	l.drawn = n
}

// fit makes text as narrow as width. Fields that two blanks separate go from the end, but
// for the first three, then the end of the first, which is a name, and only then more.
func fit(text string, width int) string {
	fields := strings.Split(text, "  ")
	for len(fields) > 3 && runewidth.StringWidth(text) > width {
		fields = fields[:len(fields)-1]
		text = strings.Join(fields, "  ")
	}
	const least = 8 // columns of a name
	name := runewidth.StringWidth(fields[0])
	if room := name - (runewidth.StringWidth(text) - width); room >= least && room < name {
		fields[0] = runewidth.Truncate(fields[0], room, "…")
		text = strings.Join(fields, "  ")
	}
	return runewidth.Truncate(text, width, "…")
}

// Write erases the line and writes p to the terminal.
func (l *Line) Write(p []byte) (int, error) { return l.write(l.w, p) }

// Over returns a writer to w that erases the line first. w is the same terminal, or ends
// there.
func (l *Line) Over(w io.Writer) io.Writer { return over{l, w} }

type over struct {
	l *Line
	w io.Writer
}

func (o over) Write(p []byte) (int, error) { return o.l.write(o.w, p) }

func (l *Line) write(w io.Writer, p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draw("")
	if len(p) > 0 {
		l.inside = p[len(p)-1] != '\n'
	}
	return w.Write(p)
}

// Every returns a function that passes its text on to say, at most once every d, and not
// before d after its first call. An empty text marks the end of an operation, and is not
// passed on. It may be called concurrently; it calls say one at a time.
func Every(d time.Duration, say func(text string)) func(text string) {
	var mu sync.Mutex
	var last time.Time
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		switch now := time.Now(); {
		case text == "":
			last = time.Time{}
		case last.IsZero():
			last = now
		case now.Sub(last) >= d:
			last = now
			say(text)
		}
	}
}
