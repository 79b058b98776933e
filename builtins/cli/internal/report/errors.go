// Errors that are reported specially. The text of each is that of its cause.

package report

import (
	"errors"
	"fmt"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// Exit is an exit status that needs no explanation.
type Exit int

func (e Exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// RunError is the failure of a run, with the result so far.
type RunError struct {
	Err    error
	Result core.Result
	Copy   bool // it was a rehearsal
}

func (e *RunError) Error() string { return e.Err.Error() }
func (e *RunError) Unwrap() error { return e.Err }

// RehearsalError is the failure of a rehearsal, with its reports so far.
type RehearsalError struct {
	Err  error
	List []rehearse.Report
}

func (e *RehearsalError) Error() string { return e.Err.Error() }
func (e *RehearsalError) Unwrap() error { return e.Err }

// rehearsed returns the reports of a rehearsal that failed with err.
func rehearsed(err error) []rehearse.Report {
	if e := (*RehearsalError)(nil); errors.As(err, &e) {
		return e.List
	}
	return nil
}

// Unread is an error of arguments that cannot be parsed. It is reported as JSON if they
// ask for that.
type Unread struct {
	Err  error
	Args []string
}

func (u Unread) Error() string { return u.Err.Error() }
func (u Unread) Unwrap() error { return u.Err }

// In is an error about files outside the migrations directory.
type In struct {
	Err error
	Dir string
}

func (i In) Error() string { return i.Err.Error() }
func (i In) Unwrap() error { return i.Err }

// names is the context of hints for err.
func (r *Reporter) names(err error) hint.Context {
	names := r.Names
	if in := (In{}); errors.As(err, &in) {
		names.Dir = in.Dir
	}
	return names
}
