// Whether a migration that was begun still runs, and who has to wait for it.

package history

import (
	"os"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/process"
)

// Alive reports whether the process of a record still runs, or the program that it
// began, and whether that is known at all.
func Alive(r Record) (alive, known bool) {
	id := process.Recorded(r.Pid, r.Process, r.Machine)
	alive, known = id.Alive()
	return alive || known && r.Program > 0 && id.Here() && process.GroupAlive(r.Program), known
}

// StillRuns reports another process that runs the migration.
func StillRuns(left Record) error {
	if alive, _ := Alive(left); alive && HeldByOther(left) {
		return fault.Of(fault.ErrBusy, "is locked: pid %d on %s still runs %s", left.Pid, left.Host, left.File)
	}
	return nil
}

// Leftover is what another run began and did not finish, as far as it decides who may
// go on.
type Leftover struct {
	State        string     // of its record: history.Running or history.Failed
	Alive, Known bool       // whether its process runs, and whether that is known
	Own          bool       // its process is this one
	Way          naming.Way // how it is applied
	Same         bool       // it is the migration that is claimed
	Begun        bool       // a part of it is applied
}

// LeftoverOf is what a record tells a run that claims the migration of a version.
func LeftoverOf(r Record, version int) Leftover {
	l := Leftover{State: r.State, Own: r.Pid == os.Getpid(), Way: WayOf(r), Same: r.Version == version, Begun: r.Position > 0}
	l.Alive, l.Known = Alive(r)
	return l
}

// HeldByOther reports whether another run may be at the migration, so that one has to
// wait for it. For .sql in steps and backfills that is not so if it is not known, or if
// the run is of this very process: each step is taken by one only, and one that failed
// may have been unable to record it.
func (l Leftover) HeldByOther() bool {
	if l.Way != naming.Program {
		return l.State == Running && l.Alive && !l.Own
	}
	return l.State == Running && (l.Alive || !l.Known)
}

// HeldByOther is that of a record.
func HeldByOther(r Record) bool { return LeftoverOf(r, r.Version).HeldByOther() }

// WayOf is how the migration of a record was applied.
func WayOf(r Record) naming.Way {
	if w := naming.Ways[naming.Migration{Name: r.File}.Kind()]; w != naming.None {
		return w
	}
	return naming.Runner
}
