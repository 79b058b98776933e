// Deferred calls: the clean-ups of a task. The invariant: all of them are called, even
// if others fail, and each failure is reported.

package starlark

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.starlark.net/starlark"
)

type deferred struct {
	fn     starlark.Callable
	args   starlark.Tuple
	kwargs []starlark.Tuple
}

// Defer calls fn when the task ends, however it ends. Functions deferred later are
// called first.
func (s *Session) Defer(fn starlark.Callable, args starlark.Tuple, kwargs []starlark.Tuple) {
	s.deferred = append(s.deferred, deferred{fn, args, kwargs})
}

// Again registers f to be called at each interrupt after the first, until stop is
// called.
type Again func(f func()) (stop func())

type againKey struct{}

// WithAgain returns a context for [File.Run]. The end of the context ends the task but
// not its clean-ups; another interrupt while they run ends them too.
func WithAgain(ctx context.Context, again Again) context.Context {
	return context.WithValue(ctx, againKey{}, again)
}

// maxCleanUp limits a clean-up, except what is Unhurried.
const maxCleanUp = 10 * time.Second

// limit is the time that a clean-up has.
type limit struct {
	timer *time.Timer
	until time.Time
}

// Unhurried suspends the time limit of a clean-up until end is called. It is for work
// that should finish, such as restoring a database. Outside a clean-up it does nothing.
func (s *Session) Unhurried() (end func()) {
	if s.limit == nil || !s.limit.timer.Stop() {
		return func() {}
	}
	left := time.Until(s.limit.until)
	return func() {
		s.limit.until = time.Now().Add(left)
		s.limit.timer.Reset(left)
	}
}

// cleanUp calls what was deferred, the last first.
func (f *File) cleanUp(s *Session) (errs Errors) {
	if len(s.deferred) == 0 {
		return nil
	}
	ctx, end := context.WithCancelCause(context.WithoutCancel(s.Context))
	defer end(nil)
	if again, ok := s.Value(againKey{}).(Again); ok {
		defer again(func() { end(&Error{Kind: "cancelled", Message: "interrupted again"}) })()
	}
	for len(s.deferred) > 0 {
		last := len(s.deferred) - 1
		d := s.deferred[last]
		s.deferred = s.deferred[:last]
		for _, e := range f.cleanUpOne(ctx, s, d) {
			e.Message = "clean-up: " + e.Message
			errs = append(errs, e)
		}
	}
	return errs
}

// cleanUpOne makes one deferred call, on a thread of its own, as a cancelled thread
// stays cancelled.
func (f *File) cleanUpOne(parent context.Context, s *Session, d deferred) Errors {
	name := d.fn.Name()
	if parent.Err() != nil {
		return Errors{{Kind: "cancelled", Message: name + " was not called: " + context.Cause(parent).Error()}}
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	late := &Error{Kind: "cancelled", Message: fmt.Sprintf("%s took longer than %v", name, maxCleanUp)}
	timer := time.AfterFunc(maxCleanUp, func() { cancel(late) })
	defer timer.Stop()
	of := &Session{Context: ctx, file: f, fail: cancel, hidden: slices.Clone(s.hidden), limit: &limit{timer, time.Now().Add(maxCleanUp)}}
	_, err := f.call(of, func(t *starlark.Thread) (starlark.Value, error) { return starlark.Call(t, d.fn, d.args, d.kwargs) })
	s.deferred, s.hidden = append(s.deferred, of.deferred...), of.hidden
	if err == nil {
		return nil
	}
	errs := f.explain(err, of)
	if again := (*Error)(nil); errors.As(context.Cause(parent), &again) && errs[0].Message == again.Message {
		errs[0].Message = name + " was stopped: " + again.Message
	}
	return errs
}
