package command

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/starlark"
)

// TestUsage: arguments that do not fit are told from what fails.
func TestUsage(t *testing.T) {
	for task, args := range map[string][]string{"f": {"--nope"}, "g": nil, "": nil} {
		err := Run(t.Context(), fstest.MapFS{starlark.Name: {Data: []byte("def f(n = 1): pass\n")}}, task, args, starlark.Options{})
		var u starlark.Usage
		var all starlark.Errors
		if !errors.As(err, &u) || errors.As(err, &all) {
			t.Errorf("%s %v = %v, want a Usage", task, args, err)
		}
	}
}

// FuzzHelp: every task of a file that can be loaded has a help.
func FuzzHelp(f *testing.F) {
	for _, text := range []string{"def f(): pass", "def h(h, help = 1, *args, **kwargs): 'a $ {b}'\n", "def _a(): pass\ndef a_b(c_d = [1], *, e): pass"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		file, err := starlark.Load(ctx, fstest.MapFS{starlark.Name: {Data: text}}, starlark.Options{LoadTimeout: time.Second})
		if err != nil {
			return
		}
		for _, task := range file.Tasks {
			if _, err := Parse(ctx, task, []string{"--help"}, io.Discard); err != ErrHelp {
				t.Fatalf("%s --help = %v", task.Name, err)
			}
		}
	})
}
