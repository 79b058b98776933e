package starlark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"fastmigrate/starlark/internal/bound"
	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
)

// Session is one load of a file, or one run of a task. A builtin gets it from its
// thread by [Of]. Its context ends with the load or the run.
type Session struct {
	context.Context
	file     *File
	loading  bool
	deferred []deferred
	fail     context.CancelCauseFunc
	hidden   secret.Values
	limit    *limit // of a clean-up; nil: this is none
}

// Fail ends the run with an error at the current place of thread. It is for what
// cannot return an error, such as an iterator.
func (s *Session) Fail(thread *starlark.Thread, err error) {
	s.fail(&broken{&starlark.EvalError{Msg: err.Error(), CallStack: thread.CallStack()}, err})
}

// broken is an error given to Fail, with the call stack.
type broken struct {
	*starlark.EvalError
	cause error
}

func (b *broken) Unwrap() []error { return []error{b.EvalError, b.cause} }

const local = "fastmigrate"

// Of returns the session of a thread, or nil if this package did not start it.
func Of(thread *starlark.Thread) *Session {
	s, _ := thread.Local(local).(*Session)
	return s
}

// Loading reports whether the file is in its load phase, in which nothing may touch a
// database, a file or a process.
func (s *Session) Loading() bool { return s.loading }

// Path converts a path in the file, which is relative to the directory of the file, to
// one for this process.
func (s *Session) Path(p string) string {
	if s.file.o.Dir == "" || filepath.IsAbs(p) {
		return p
	}
	path := filepath.Join(s.file.o.Dir, p)
	if strings.HasPrefix(path, "..") { // it may be shorter from here
		if abs, err := filepath.Abs(path); err == nil {
			if here, err := os.Getwd(); err == nil {
				if rel, err := filepath.Rel(here, abs); err == nil {
					return rel
				}
			}
		}
	}
	return path
}

// Shown is the inverse of Path: it converts a path of this process to one in the file.
func (s *Session) Shown(p string) string {
	if s.file.o.Dir == "" || filepath.IsAbs(p) {
		return p
	}
	return fromCaller(p, s.file.o.Dir)
}

// run calls do on a new thread, which ends with the context of the session, and then
// what was deferred. The error is of type Errors.
func (f *File) run(s *Session, do func(*starlark.Thread) (starlark.Value, error)) (starlark.Value, error) {
	v, err := f.call(s, do)
	var errs Errors
	if err != nil {
		errs = f.explain(err, s)
	}
	errs = append(errs, f.cleanUp(s)...)
	if errs != nil {
		return nil, errs
	}
	return v, nil
}

func (f *File) call(s *Session, do func(*starlark.Thread) (starlark.Value, error)) (v starlark.Value, err error) {
	thread := &starlark.Thread{Name: f.Name, Load: f.loadFrom}
	thread.SetLocal(local, s)
	bound.In(thread, s)
	defer recovered(&err, "")
	if s.Err() != nil {
		return nil, context.Cause(s)
	}
	stop := context.AfterFunc(s, func() { thread.Cancel(context.Cause(s).Error()) })
	defer stop()
	v, err = do(thread)
	var b *broken
	if errors.As(context.Cause(s), &b) { // the thread may not have noticed
		err = b
	}
	return v, err
}

// Guard wraps a builtin that is the value of an attribute as [Load] wraps those of
// [Options.Predeclared]: a panic becomes an error, and an error gets the variables of
// the caller, which the interpreter discards before it returns the error.
func Guard(b *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(b.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (v starlark.Value, err error) {
		defer func() {
			if err == nil && v == nil {
				err = &Error{Kind: "internal", Message: b.Name() + ": internal error: it gave no value"}
			}
			err = inFrame(thread, err)
		}()
		defer recovered(&err, b.Name())
		if s := Of(thread); s != nil && s.Err() != nil {
			return nil, context.Cause(s)
		}
		if err := bound.Arguments(thread, b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		return b.CallInternal(thread, args, kwargs)
	})
}

// Fits returns an error if a value, such as a range, has more elements than a list of a
// task may have. what names the function that takes it.
func Fits(what string, v starlark.Value) error { return refused(bound.Fits(what, v)) }

// Nested is a value with a method Holds that lists the values inside it. A builtin that
// adds a type of value which holds others implements it, so that values nested too deep
// are refused.
type Nested = bound.Nested

// recovered turns a panic into an internal error. Who is the builtin that panicked; "" if it
// was none.
func recovered(err *error, who string) {
	if p := recover(); p != nil {
		if who != "" {
			who += ": "
		}
		*err = &Error{Kind: "internal", Message: fmt.Sprintf("%sinternal error: %v", who, p), Stack: string(debug.Stack())}
	}
}

// framed is an error with the variables of the function in which it occurred.
type framed struct {
	error
	locals []Local
}

func (f *framed) Unwrap() error { return f.error }

// locals lists the variables of the innermost Starlark function.
func locals(thread *starlark.Thread) []Local {
	if thread.CallStackDepth() < 2 {
		return nil
	}
	frame := thread.DebugFrame(1)
	fn, ok := frame.Callable().(*starlark.Function)
	if !ok || fn.Name() == "<toplevel>" {
		return nil
	}
	var list []Local
	for i := range frame.NumLocals() {
		b, v := frame.Local(i)
		if v == nil || v.Type() == "cell" { // not assigned yet, or kept for a function inside
			continue
		}
		value := v.Type() + "(...)"
		if bound.Short(v) {
			value = Of(thread).secrets().Mask(secret.MaskValues(v.String()))
		}
		if secret.IsName(b.Name) && v != starlark.None && v != starlark.String("") {
			value = secret.Masked
		}
		if r := []rune(value); len(r) > 80 {
			value = string(r[:77]) + "..."
		}
		if !slices.ContainsFunc(list, func(l Local) bool { return l.Name == b.Name }) {
			list = append(list, Local{b.Name, value})
		}
	}
	return list
}
