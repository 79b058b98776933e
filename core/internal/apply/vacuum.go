// VACUUM INTO makes a file, and cannot be in the transaction that records it. So that the
// file did not exist is recorded before. The invariant: a later run takes a file for the
// one that the step made only if it is a complete copy of this database; it never removes
// or overwrites one.

package apply

import (
	"context"
	"errors"
	"os"
	"syscall"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/attach"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
)

// runOutside runs a step that is its own transaction, and then records it.
func (r *Run) runOutside(x *session.Session, step plan.Step, rec *history.Record, from int) error {
	made, err := false, error(nil)
	if file := x.VacuumTarget(step); file != "" && (!x.Sealed() || attach.Redirects(x.DB)) {
		made, err = r.announceFile(x, step, rec, file, from)
		if err == nil && !made {
			err = vacuumInto(x, step, rec, file)
		}
	} else {
		err = x.RunOutside(step)
	}
	if err != nil {
		return err
	}
	return r.Transact(x.Conn, func() error { return r.recordStep(x, rec, step.End, from) })
}

// announceFile records that the file does not exist yet, or finds that an earlier run of
// the step has made it.
func (r *Run) announceFile(x *session.Session, step plan.Step, rec *history.Record, file string, from int) (made bool, err error) {
	info, err := os.Stat(attach.StandIn(x.DB, file))
	there := err == nil && info.Size() > 0 // SQLite takes an empty file for none
	if ours, e := os.Stat(x.Path); err == nil && e == nil && os.SameFile(info, ours) {
		return false, x.Script.At(step.Specials[0].Start, fault.Of(fault.ErrRefused, "%s is the database itself", file))
	}
	switch {
	case there && rec.Cursor == file:
		empty, err := x.CheckCopy(file, from)
		if err != nil {
			return false, x.Script.At(step.Specials[0].Start, fault.Of(errors.Join(fault.ErrInTheWay, fault.ErrInterrupted), "an earlier run started this and did not finish it, and %s is not a copy of %s: %v", file, x.Name, err))
		}
		return !empty, nil
	case there:
		return false, x.Script.At(step.Specials[0].Start, fault.Of(fault.ErrInTheWay, "%s already exists", file))
	case rec.Cursor == file:
		return false, nil
	}
	if err := filename.Plain(x.AttachName, file); err != nil { // which SQLite would make, where URIs are off
		return false, x.Script.At(step.Specials[0].Start, err)
	}
	return false, r.Transact(x.Conn, func() error {
		if err := r.recordUnmoved(x.Conn, *rec, from); err != nil {
			return err
		}
		next := *rec
		next.Cursor = file
		if err := next.Write(x.Conn, r.Config.Tool); err != nil {
			return r.Diagnose(err)
		}
		*rec = next
		return nil
	})
}

// vacuumInto makes the file. It removes one that is incomplete because the disk is full or
// the run was cancelled.
func vacuumInto(x *session.Session, step plan.Step, rec *history.Record, file string) error {
	_, absent := os.Lstat(file)
	err := x.RunOutside(step)
	if err == nil || attach.Redirects(x.DB) {
		return err
	}
	rec.Cursor = nil
	if absent != nil && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, context.Canceled) || x.Aborted() != nil) {
		os.Remove(file)
		os.Remove(file + "-journal")
	}
	return err
}
