//go:build unix

package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func letGo(int) error { return nil }

// TestRunWaitsForBegun: a program whose group could not be noted has done nothing.
func TestRunWaitsForBegun(t *testing.T) {
	made := filepath.Join(t.TempDir(), "made")
	c := &Command{Args: []string{"touch", made}}
	refused := errors.New("refused")
	for _, want := range []error{refused, nil} {
		_, err := c.Run(t.Context(), func(group int) error {
			if _, err := os.Stat(made); err == nil || group <= 0 {
				t.Errorf("group %d began before it was let go", group)
			}
			return want
		})
		if err != want {
			t.Errorf("Run() = %v, want %v", err, want)
		}
		if _, err := os.Stat(made); (err == nil) != (want == nil) {
			t.Errorf("after %v: %v", want, err)
		}
	}
}

func TestRunTellsHowItEnded(t *testing.T) {
	for _, test := range []struct{ script, output, live, err string }{
		{"echo a; echo b >&2", "a\nb", "a\nb\n", "<nil>"},
		{"echo a; exit 3", "a", "a\n", "it ended with exit status 3"},
		{"kill -9 $$", "", "", "it ended with signal 9 (killed)"},
		{`printf 'a\r\nb\377'`, "a\nb\uFFFD", "a\r\nb\xFF", "<nil>"},
		{"printf 'a\nb\n'; yes | head -n 20", "…\n" + strings.Repeat("y\n", 19) + "y", "a\nb\n" + strings.Repeat("y\n", 20), "<nil>"},
		{"echo $COLOUR; pwd", "red\n/", "red\n/\n", "<nil>"},
	} {
		var live strings.Builder
		c := &Command{Args: []string{"sh", "-c", test.script}, Env: []string{"COLOUR=red", "PATH=" + os.Getenv("PATH")}, Dir: "/", Output: &live}
		ended, err := c.Run(t.Context(), letGo)
		if ended.Output != test.output || ended.Left || live.String() != test.live || fmt.Sprint(err) != test.err {
			t.Errorf("%s: Run() = %+v, %v, live %q, want %q, %s, live %q", test.script, ended, err, live.String(), test.output, test.err, test.live)
		}
	}
	const want = "/nowhere/sh, which should run it, cannot be started: no such file or directory"
	if _, err := (&Command{Args: []string{"/nowhere/sh"}}).Run(t.Context(), letGo); fmt.Sprint(err) != want {
		t.Errorf("Run() = %v, want %s", err, want)
	}
}

// TestRunEndsWithItsContext: the error is the cause, and a program that was not begun
// does not begin.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	c := &Command{Args: []string{"sleep", "1000"}}
	_, err := c.Run(ctx, func(int) error { cancel(cause); return nil })
	if err != cause {
		t.Errorf("Run() = %v, want %v", err, cause)
	}
	_, err = c.Run(ctx, func(int) error { t.Error("it began"); return nil })
	if err != cause {
		t.Errorf("Run() = %v, want %v", err, cause)
	}
}
