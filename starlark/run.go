package starlark

import (
	"context"
	"fmt"
	"time"

	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
)

// Run runs a task, after the tasks that it depends on, each once for the same arguments.
// What a task defers is called when it ends, even if it failed or ctx was cancelled.
// Several runs of one file may overlap. Errors: [Errors].
func (f *File) Run(ctx context.Context, c *Call) error {
	if t := f.o.Timeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = tooLong(ctx, c.Task, t)
		defer cancel()
	}
	r := &runner{File: f, done: map[string]bool{}}
	return r.run(ctx, c, false)
}

// Call calls the function of this name in the file. A missing function is an error.
// Errors: [Errors].
func (f *File) Call(ctx context.Context, name string, args ...starlark.Value) (starlark.Value, error) {
	fn, ok := f.modules[f.Name].globals[name].(*starlark.Function)
	if !ok {
		return nil, Errors{{Kind: "usage", Message: fmt.Sprintf("there is no function %s", name), Hint: f.misnamed(name), Frames: []Frame{{File: f.Name}}}}
	}
	return f.CallFunction(ctx, fn, args...)
}

// misnamed is a hint for a missing function.
func (f *File) misnamed(name string) string {
	for _, other := range f.modules[f.Name].globals {
		if fn, ok := other.(*starlark.Function); ok && len(f.modules[f.Name].globals) == 1 {
			return fmt.Sprintf("is %s meant? it has to be named %s", fn.Name(), name)
		}
	}
	return fmt.Sprintf("put what the task does into a function: def %s(...):", name)
}

// CallFunction calls a function that an earlier [File.Call] returned or stored. Errors:
// [Errors].
func (f *File) CallFunction(ctx context.Context, fn starlark.Callable, args ...starlark.Value) (starlark.Value, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return f.run(&Session{Context: ctx, file: f, fail: cancel}, func(thread *starlark.Thread) (starlark.Value, error) {
		return starlark.Call(thread, fn, args, nil)
	})
}

type runner struct {
	*File
	done map[string]bool // tasks that ran, with their arguments
}

func (r *runner) run(ctx context.Context, c *Call, dependency bool) error {
	t := c.Task
	key := fmt.Sprint(t.Name, c.args, c.kwargs)
	if r.done[key] {
		return nil
	}
	r.done[key] = true
	if t.Confirm != "" {
		if err := r.confirm(ctx, t); err != nil {
			return err
		}
	}
	for _, d := range t.deps {
		if err := r.run(ctx, r.taskOf(d.fn).call(d.args), true); err != nil {
			return err
		}
	}
	if t.Timeout > 0 && (r.o.Timeout == 0 || dependency) {
		var cancel context.CancelFunc
		ctx, cancel = tooLong(ctx, t, t.Timeout)
		defer cancel()
	}
	s := &Session{Context: ctx, file: r.File}
	s.hideArguments(c)
	_, err := r.File.run(s, func(thread *starlark.Thread) (starlark.Value, error) {
		if t.fn == nil {
			return starlark.None, r.script(thread)
		}
		return starlark.Call(thread, t.fn, c.args, c.kwargs)
	})
	return err
}

// tooLong limits the time of a task.
func tooLong(ctx context.Context, t *Task, after time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, after, &Error{
		Kind: "cancelled", Message: fmt.Sprintf("%s took longer than %v", t.Name, after), Err: context.DeadlineExceeded})
}

// script runs the top level of a file that is its own task.
func (f *File) script(thread *starlark.Thread) error {
	_, err := f.modules[f.Name].program.Init(thread, f.predeclared)
	return err
}

func (f *File) taskOf(fn *starlark.Function) *Task {
	for _, t := range f.Tasks {
		if t.fn == fn {
			return t
		}
	}
	return f.newTask(fn)
}

func (r *runner) confirm(ctx context.Context, t *Task) error {
	if r.o.Confirm == nil {
		return Errors{{Kind: "denied", Message: t.Name + " asks for a confirmation, and there is nobody to ask: " + secret.MaskURLs(t.Confirm)}}
	}
	yes, err := r.o.Confirm(ctx, secret.MaskURLs(t.Confirm))
	if err != nil {
		return r.explain(err, &Session{Context: ctx})
	}
	if !yes {
		return Errors{{Kind: "denied", Message: t.Name + " was not confirmed"}}
	}
	return nil
}
