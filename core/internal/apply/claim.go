// Who may run a migration. Each way to apply one asks first, in its transaction: is the
// version still that of the plan, and what did another run leave unfinished? The
// invariant: the answer is read under the write lock, and the claim is written before the
// lock is released, so that only one of several processes begins a migration.

package apply

import (
	"cmp"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
)

// claimant is the way to apply migrations for which a transaction claims them.
type claimant int

const (
	forWhole    claimant = iota // a .sql in one transaction
	forSteps                    // a .sql in steps
	forRunner                   // a Runner, up to the backfill that it asks for
	forBackfill                 // the backfill of a Runner
	forAtomic                   // all pending migrations, in one transaction
	forProgram                  // a program
	forIsolated                 // a program on a copy
	forSkipped                  // a program that a rehearsal does not run
)

// verdict is what a run that claims a migration must do.
type verdict int

const (
	beginAnew   verdict = iota // begin: nothing unfinished counts
	resume                     // the unfinished one
	lookAgain                  // another run is applying it, or it is applied in another way: file.ErrVersionChanged
	refuse                     // only a person can decide: ErrInterrupted
	refuseBusy                 // another run is applying it, and this one cannot wait: ErrBusy
	refuseApart                // it must be finished on its own: ErrApart
)

// decide says what to do about an unfinished migration; found is false if there is none.
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

// claim is the first step of a transaction that applies the migrations of a list, in order, to
// a database at version from. It returns the unfinished one, with resumes true if it must be
// resumed. Errors: [file.ErrVersionChanged] if the version is another, one of the migrations
// has been applied out of order meanwhile, or another run is applying one, so that the caller
// must look again; [fault.ErrInterrupted], [fault.ErrPartly], [fault.ErrApart],
// [fault.ErrBusy].
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
		return left, false, fault.New(left.File, fault.Of(fault.ErrApart, "it is already partly applied: it must be completed alone before the others can be applied together"))
	}
	return left, false, nil
}
