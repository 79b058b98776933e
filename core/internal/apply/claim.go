// Who may run a migration. Each way to apply one asks the same, as the first thing in
// its transaction: is the version still the one that the plan was made for, and what
// did another run begin and not finish? The invariant: what decides is read under the
// write lock, and is written before the lock is released, so that only one of several
// processes begins a migration.

package apply

import (
	"cmp"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
)

// claimant is the way to apply migrations that a transaction claims them for.
type claimant int

const (
	forWhole    claimant = iota // a .sql in one transaction
	forSteps                    // a .sql in steps
	forRunner                   // a Runner, up to the backfill that it asks for
	forBackfill                 // that
	forAtomic                   // all that is pending, in one transaction
	forProgram                  // a program
	forIsolated                 // a program on a copy
	forSkipped                  // a program that a rehearsal does not run
)

// verdict is what a run does that claims a migration.
type verdict int

const (
	beginAnew   verdict = iota // nothing that counts is left
	resume                     // what is left
	lookAgain                  // another run is at it, or it is applied in another way: errMoved
	refuse                     // only a person can tell what is left: ErrInterrupted
	refuseBusy                 // another run is at it, and this one cannot wait: ErrBusy
	refuseApart                // it has to be finished alone: ErrApart
)

// decide tells what is to be done about a leftover; found is false if there is none.
func (by claimant) decide(found bool, l history.Leftover) verdict {
	if !found {
		return beginAnew
	}
	switch by {
	case forWhole: // which goes on in steps, or waits
		return lookAgain
	case forSteps: // which several processes take by turns
		if l.Same && l.Way == naming.SQL {
			return resume
		}
	case forRunner, forAtomic:
		switch mine := l.Same && l.Way == naming.Runner; {
		case l.HeldByOther():
			return lookAgain
		case mine && !l.Begun:
			return beginAnew
		case mine && by == forRunner:
			return resume
		case l.Begun && l.Way != naming.Program:
			return refuseApart
		}
	case forBackfill:
		switch mine := l.Same && l.Way == naming.Runner; {
		case mine && l.HeldByOther():
			return lookAgain
		case mine && !l.Begun: // whatever the file was
			return beginAnew
		case mine:
			return resume
		}
	case forProgram, forIsolated:
		if l.HeldByOther() {
			return lookAgain
		}
	case forSkipped:
		if l.Alive && l.HeldByOther() {
			return refuseBusy
		}
	}
	return refuse
}

// claim is the first question of a transaction that applies the migrations of a list,
// in order, to a database that is at version from. The first is pending or late; the
// one that is left unfinished, if any, is given with resumes true if it is to be gone
// on with. errMoved says that the version is another, that one of the migrations has
// been applied out of order meanwhile, or that another run is at one: its caller has
// to look again. Errors: errMoved, ErrInterrupted, ErrPartly, ErrApart, ErrBusy.
func (r *Run) claim(c *sqlite.Conn, by claimant, from int, list ...naming.Migration) (left history.Record, resumes bool, err error) {
	if err := r.ExpectVersion(c, from); err != nil {
		return left, false, err
	}
	if list[0].Version < from {
		if applied, err := history.AnyDone(c, naming.Versions(list)); err != nil || applied {
			return left, false, cmp.Or(r.Diagnose(err), file.ErrVersionChanged)
		}
	}
	left, found, err := history.Unfinished(c, from) // a program changes the version only when it ends
	if err != nil {
		return left, false, r.Diagnose(err)
	}
	switch by.decide(found, history.LeftoverOf(left, list[0].Version)) {
	case resume:
		return left, true, nil
	case lookAgain:
		return left, false, file.ErrVersionChanged
	case refuse:
		return left, false, Interrupted(left, r.Name)
	case refuseBusy:
		return left, false, cmp.Or(history.StillRuns(left), Interrupted(left, r.Name)) // it may have ended just now
	case refuseApart:
		return left, false, fault.New(left.File, fault.Of(fault.ErrApart, "a part of it is applied already: it has to go on alone before the others can be together"))
	}
	return left, false, nil
}
