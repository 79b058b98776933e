// Errors that are reported in a way of their own. Each says what its cause says.

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

// RunError is the failure of a run, and what it did before.
type RunError struct {
	Err    error
	Result core.Result
	Copy   bool // it was a rehearsal
}

func (e *RunError) Error() string { return e.Err.Error() }
func (e *RunError) Unwrap() error { return e.Err }

// RehearsalError is what a rehearsal ended with, and what it did before.
type RehearsalError struct {
	Err  error
	List []rehearse.Report
}

func (e *RehearsalError) Error() string { return e.Err.Error() }
func (e *RehearsalError) Unwrap() error { return e.Err }

// rehearsed is what a rehearsal did that ended with err.
func rehearsed(err error) []rehearse.Report {
	if e := (*RehearsalError)(nil); errors.As(err, &e) {
		return e.List
	}
	return nil
}

// Unread is an error of arguments that cannot be read as a command line. It is
// reported as they ask for it.
type Unread struct {
	Err  error
	Args []string
}

func (u Unread) Error() string { return u.Err.Error() }
func (u Unread) Unwrap() error { return u.Err }

// In is an error about files in another directory than that of the migrations.
type In struct {
	Err error
	Dir string
}

func (i In) Error() string { return i.Err.Error() }
func (i In) Unwrap() error { return i.Err }

// names are those of hints to err.
func (r *Reporter) names(err error) hint.Context {
	names := r.Names
	if in := (In{}); errors.As(err, &in) {
		names.Dir = in.Dir
	}
	return names
}
