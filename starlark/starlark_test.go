package starlark

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.starlark.net/starlark"
)

func file(text string) fs.FS { return fstest.MapFS{Name: {Data: []byte(text)}} }

// run runs a task without arguments.
func run(ctx context.Context, fsys fs.FS, task string, o Options) error {
	f, err := Load(ctx, fsys, o)
	if err != nil {
		return err
	}
	t, err := f.Task(task)
	if err != nil {
		return err
	}
	c, err := t.Bind(ctx, make([]any, len(t.Params)))
	if err != nil {
		return err
	}
	return f.Run(ctx, c)
}

// builtin makes a function of Starlark.
func builtin(do func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error)) *starlark.Builtin {
	return starlark.NewBuiltin("own", func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		return do(thread, args)
	})
}

// TestPanic: a builtin that panics, or gives nothing, is an error of ours, with a
// stack, and what was deferred is called.
func TestPanic(t *testing.T) {
	cleaned := false
	names := starlark.StringDict{
		"panics": builtin(func(*starlark.Thread, starlark.Tuple) (starlark.Value, error) { panic("at the disco") }),
		"gives":  builtin(func(*starlark.Thread, starlark.Tuple) (starlark.Value, error) { return nil, nil }),
		"defers": builtin(func(thread *starlark.Thread, _ starlark.Tuple) (starlark.Value, error) {
			Of(thread).Defer(builtin(func(*starlark.Thread, starlark.Tuple) (starlark.Value, error) {
				cleaned = true
				return starlark.None, nil
			}), nil, nil)
			return starlark.None, nil
		}),
	}
	for text, want := range map[string]string{
		"def f():\n  defers()\n  panics()\n": "Fastmigratefile:3:3: own: internal error: at the disco",
		"def f():\n  defers()\n  gives()\n":  "Fastmigratefile:3:3: own: internal error: it gave no value",
		"def f(): pass\npanics()\n":          "Fastmigratefile:2:1: own: internal error: at the disco",
	} {
		cleaned = false
		err := run(t.Context(), file(text), "f", Options{Predeclared: names})
		var all Errors
		if !errors.As(err, &all) || all[0].Kind != "internal" || err.Error() != want {
			t.Errorf("Run = %v, want %s", err, want)
		}
		if strings.Contains(text, "panics") && (all == nil || !strings.Contains(all[0].Stack, "TestPanic")) {
			t.Error("it has no stack")
		}
		if strings.Contains(text, "defers") != cleaned {
			t.Errorf("cleaned up: %v", cleaned)
		}
	}
}

// TestCancel: a task ends with its context, and says why as callers can test it.
func TestCancel(t *testing.T) {
	loop := "def f():\n  for i in range(1 << 40):\n    pass\n"
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := run(ctx, file(loop), "f", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want %v", err, context.Canceled)
	}
	if err := run(ctx, file(loop), "f", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want %v", err, context.Canceled)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := run(ctx, file(loop), "f", Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run = %v, want %v", err, context.DeadlineExceeded)
	}
	err := run(t.Context(), file(loop), "f", Options{Timeout: 50 * time.Millisecond})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "f took longer than 50ms") {
		t.Errorf("Run = %v, want %v", err, context.DeadlineExceeded)
	}
}

// TestParallel runs tasks of one file at once.
func TestParallel(t *testing.T) {
	for _, text := range []string{"load('a.star', 'a')\ndef f(n = 3):\n  own(a(n))\n", "load('a.star', 'a')\nown(a(3))"} {
		var mu sync.Mutex
		sum := 0
		own := builtin(func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			n, _ := starlark.AsInt32(args[0])
			mu.Lock()
			defer mu.Unlock()
			sum += n
			return starlark.None, nil
		})
		project := fstest.MapFS{Name: {Data: []byte(text)}, "a.star": {Data: []byte("def a(n):\n  return n * 2\n")}}
		f, err := Load(t.Context(), project, Options{Predeclared: starlark.StringDict{"own": own}})
		if err != nil {
			t.Fatal(err)
		}
		var tasks sync.WaitGroup
		for range 8 {
			tasks.Go(func() {
				c, err := f.Tasks[0].Bind(t.Context(), make([]any, len(f.Tasks[0].Params)))
				if err == nil {
					err = f.Run(t.Context(), c)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		tasks.Wait()
		if sum != 48 {
			t.Errorf("sum = %d, want 48", sum)
		}
	}
}

// TestLoadWithoutFile: a missing file is told as such.
func TestLoadWithoutFile(t *testing.T) {
	if _, err := Load(t.Context(), fstest.MapFS{}, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load = %v, want %v", err, fs.ErrNotExist)
	}
}
