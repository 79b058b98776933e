// Whether a migration that was begun still runs, and who has to wait for it.

package core

import (
	"os"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/process"
)

// alive reports whether the process of a record still runs, or the program that it
// began, and whether that is known at all.
func alive(r history.Record) (alive, known bool) {
	id := process.Recorded(r.Pid, r.Process, r.Machine)
	alive, known = id.Alive()
	return alive || known && r.Program > 0 && id.Here() && process.GroupAlive(r.Program), known
}

// stillRuns reports another process that runs the migration.
func stillRuns(left history.Record) error {
	if alive, _ := alive(left); alive && heldByOther(left) {
		return fault.Of(fault.ErrBusy, "is locked: pid %d on %s still runs %s", left.Pid, left.Host, left.File)
	}
	return nil
}

// leftover is what another run began and did not finish, as far as it decides who may
// go on.
type leftover struct {
	state        string     // of its record: history.Running or history.Failed
	alive, known bool       // whether its process runs, and whether that is known
	own          bool       // its process is this one
	way          naming.Way // how it is applied
	same         bool       // it is the migration that is claimed
	begun        bool       // a part of it is applied
}

// leftoverOf is what a record tells a run that claims the migration of a version.
func leftoverOf(r history.Record, version int) leftover {
	l := leftover{state: r.State, own: r.Pid == os.Getpid(), way: wayOf(r), same: r.Version == version, begun: r.Position > 0}
	l.alive, l.known = alive(r)
	return l
}

// heldByOther reports whether another run may be at the migration, so that one has to
// wait for it. For .sql in steps and backfills that is not so if it is not known, or if
// the run is of this very process: each step is taken by one only, and one that failed
// may have been unable to record it.
func (l leftover) heldByOther() bool {
	if l.way != naming.Program {
		return l.state == history.Running && l.alive && !l.own
	}
	return l.state == history.Running && (l.alive || !l.known)
}

// heldByOther is that of a record.
func heldByOther(r history.Record) bool { return leftoverOf(r, r.Version).heldByOther() }

// wayOf is how the migration of a record was applied.
func wayOf(r history.Record) naming.Way {
	if w := naming.Ways[naming.Migration{Name: r.File}.Kind()]; w != naming.None {
		return w
	}
	return naming.Runner
}
