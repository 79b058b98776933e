package live

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// screen is what a terminal shows of what was written to it.
func screen(written string) string {
	var lines []string
	for l := range strings.Lines(written) {
		var row []rune
		at := 0
		for _, r := range strings.TrimSuffix(l, "\n") {
			if r == '\r' {
				at = 0
				continue
			}
			row = append(row[:at], append([]rune{r}, row[min(at+1, len(row)):]...)...)
			at++
		}
		lines = append(lines, strings.TrimRight(string(row), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func TestLineOnScreen(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*Line)
		want string
	}{
		{"drawn", func(l *Line) { l.Show("a b c") }, "a b c"},
		{"a shorter one", func(l *Line) { l.Show("a b c"); l.Show("d") }, "d"},
		{"erased", func(l *Line) { l.Show("a b c"); l.Show("") }, ""},
		{"something printed", func(l *Line) { l.Show("a b c"); fmt.Fprintln(l, "x") }, "x"},
		{"and drawn again", func(l *Line) { l.Show("a b c"); fmt.Fprintln(l, "x"); l.Show("d") }, "x\nd"},
		{"a result printed", func(l *Line) { l.Show("a b c"); fmt.Fprintln(l.Over(l.w), "x"); l.Show("d"); l.Show("") }, "x"},
		{"the beginning of a line", func(l *Line) { l.Show("a"); fmt.Fprint(l, "x"); l.Show("b"); l.Show("") }, "x"},
		{"and its end", func(l *Line) { fmt.Fprint(l, "x"); l.Show("b"); fmt.Fprint(l, "y\n"); l.Show("c") }, "xy\nc"},
		{"as wide as the terminal", func(l *Line) { l.Show("1234567890") }, "12345678…"},
		{"one less", func(l *Line) { l.Show("123456789") }, "123456789"},
		{"an interrupt echoed", func(l *Line) { l.Show("a"); fmt.Fprint(l.w, "^C"); fmt.Fprintln(l, "x") }, "x"},
		{"wide characters", func(l *Line) { l.Show("移行移行移行") }, "移行移行…"},
		{"control characters", func(l *Line) { l.Show("a\x1b[2J\nb") }, `a\x1b[2J` + "…"},
	} {
		var b bytes.Buffer
		test.do(&Line{w: &b, width: func() int { return 10 }})
		if got := screen(b.String()); got != test.want {
			t.Errorf("%s: %q shows %q, want %q", test.name, b.String(), got, test.want)
		}
	}
}

// TestFit: of what is too wide, the name and the time stay as long as they can.
func TestFit(t *testing.T) {
	const text = "0001-create-customers.sql  statement 2 of 3  00:41  1,203 rows  db 12 MB"
	for width, want := range map[int]string{
		80: text,
		60: "0001-create-customers.sql  statement 2 of 3  00:41",
		40: "0001-create-cu…  statement 2 of 3  00:41",
		34: "0001-cre…  statement 2 of 3  00:41",
		33: "0001-cr…  statement 2 of 3  00:41",
		32: "0001-create-customers.sql  stat…",
		1:  "…",
	} {
		if got := fit(text, width); got != want {
			t.Errorf("fit to %d: %q, want %q", width, got, want)
		}
	}
}

// TestLineNarrowed: a terminal made narrower is not scrolled.
func TestLineNarrowed(t *testing.T) {
	var b bytes.Buffer
	width := 20
	l := &Line{w: &b, width: func() int { return width }}
	l.Show("1234567890")
	width = 6
	b.Reset()
	l.Show("")
	if b.String() != "\r     \r" {
		t.Errorf("%q", b.String())
	}
}

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var said []string
		say := Every(10*time.Second, func(text string) { said = append(said, fmt.Sprint(text, " ", time.Since(start))) })
		for range 250 {
			say("a")
			time.Sleep(100 * time.Millisecond)
		}
		say("")
		say("b")
		time.Sleep(9 * time.Second)
		say("b")
		time.Sleep(time.Second)
		say("b")
		if got, want := strings.Join(said, ", "), "a 10s, a 20s, b 35s"; got != want {
			t.Errorf("said %s, want %s", got, want)
		}
	})
}
