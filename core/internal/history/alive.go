// Whether a migration that was begun still runs, and which run must wait for it.

package history

import (
	"os"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/process"
)

// Alive reports whether the process of a record still runs, or the program that it
// started, and whether that is known at all.
func Alive(r Record) (alive, known bool) {
	id := process.Recorded(r.Pid, r.Process, r.Machine)
	alive, known = id.Alive()
	return alive || known && r.Program > 0 && id.Here() && process.GroupAlive(r.Program), known
}

// StillRuns reports that another process still runs the migration of a record. Errors:
// [fault.ErrBusy].
func StillRuns(left Record) error {
	if alive, _ := Alive(left); alive && HeldByOther(left) {
		return fault.Of(fault.ErrBusy, "is locked: pid %d on %s still runs %s", left.Pid, left.Host, left.File)
	}
	return nil
}

// Leftover is a migration that another run began and did not finish: what decides who
// may continue it.
type Leftover struct {
	State        string     // of its record: history.Running or history.Failed
	Alive, Known bool       // whether its process runs, and whether that is known
	Own          bool       // its process is this one
	Way          naming.Way // how it is applied
	Same         bool       // it is the migration that is claimed
	Begun        bool       // a part of it is applied
}

// LeftoverOf returns what the record tells a run that claims the migration of a version.
func LeftoverOf(r Record, version int) Leftover {
	l := Leftover{State: r.State, Own: r.Pid == os.Getpid(), Way: WayOf(r), Same: r.Version == version, Begun: r.Position > 0}
	l.Alive, l.Known = Alive(r)
	return l
}

// HeldByOther reports whether another run may be at the migration, so that this one has
// to wait. For a program that is so even if it is unknown whether the run is alive. A
// .sql in steps and a backfill need no certainty, and need not wait for this very
// process: only one run takes each step, and a run that failed may have been unable to
// record that.
func (l Leftover) HeldByOther() bool {
	if l.Way != naming.Program {
		return l.State == Running && l.Alive && !l.Own
	}
	return l.State == Running && (l.Alive || !l.Known)
}

// HeldByOther is [Leftover.HeldByOther] of a record.
func HeldByOther(r Record) bool { return LeftoverOf(r, r.Version).HeldByOther() }

// WayOf is how the migration of a record was applied, by its file name.
func WayOf(r Record) naming.Way {
	if w := naming.Ways[naming.Migration{Name: r.File}.Kind()]; w != naming.None {
		return w
	}
	return naming.Runner
}
