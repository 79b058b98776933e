// Errors of commands that have hints, and hints that are added to an error.

package hint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"fastmigrate/core/output"
)

// Unreadable is the error of a migrations directory that cannot be read.
type Unreadable struct{ Err error }

func (u Unreadable) Error() string { return u.Err.Error() }
func (u Unreadable) Unwrap() error { return u.Err }

// ErrUnconfirmed: a question was not answered with yes.
var ErrUnconfirmed = errors.New("not confirmed: nothing was changed")

// With is err with a hint that replaces all others.
func With(err error, hint string) error { return hinted{err, hint} }

type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// Add is err with a hint after all others.
func Add(err error, hint string) error { return added{err, hint} }

type added struct {
	error
	hint string
}

func (a added) Unwrap() error { return a.error }

// Added is the hint that was added to err, if there is one.
func Added(err error) []string {
	if a := (added{}); errors.As(err, &a) {
		return []string{a.hint}
	}
	return nil
}

// Usage is an error in the use of the command line.
type Usage struct{ Err error }

func (u Usage) Error() string { return u.Err.Error() }
func (u Usage) Unwrap() error { return u.Err }

// Usagef is a [Usage] with the text that fmt.Errorf makes.
func Usagef(format string, args ...any) error { return Usage{fmt.Errorf(format, args...)} }

// Unwritten adds to an error of writing a result to path what to do.
func Unwritten(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return With(err, "mkdir -p "+QuotePath(filepath.Dir(path))+" makes its directory")
	case errors.Is(err, output.ErrKept), errors.As(err, new(syscall.Errno)):
		return With(err, "another name, or - for standard output")
	}
	return err
}
