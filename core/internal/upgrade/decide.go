// What a run applies. The invariant: the decision is a pure function of the state of the
// database and the names of the files, and asks for the texts of those files only that may
// have been edited.

package upgrade

import (
	"slices"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// todo is the list of migrations that a run applies.
type todo struct {
	outOfOrder []naming.Migration // below the version, and never applied
	above      []naming.Migration
	resume     bool // the first above the version was begun before, and goes first
}

// decide returns the migrations to apply to a database in the state now, or the gravest
// reason why none may be applied. Only edits need the texts of the files: sum, the checksum
// of one, is called for all applied migrations if there is something to apply, else for
// renamed ones alone, since reading all files at every start of an application takes too
// long.
func decide(now Survey, list []naming.Migration, sum func(naming.Migration) (string, error), opts Config) (todo, error) {
	t := todo{above: naming.Between(list, now.Version, opts.To), resume: now.Unfinished != nil}
	s := now.Status(list)
	for _, m := range s.In(StateOutOfOrder) {
		t.outOfOrder = append(t.outOfOrder, m.Migration)
	}
	which := renamedText
	if len(t.list()) > 0 {
		which = EveryText
	}
	if err := s.FindEdits(which, sum); err != nil {
		return todo{}, err
	}
	for _, problem := range s.Refusals(opts) {
		return todo{}, problem
	}
	return t, nil
}

// list returns the migrations in the order in which they are applied.
func (t todo) list() []naming.Migration {
	if t.resume {
		return slices.Concat(t.above, t.outOfOrder)
	}
	return slices.Concat(t.outOfOrder, t.above)
}

// remove removes the migration of a version, which was applied.
func (t *todo) remove(version int) {
	is := func(m naming.Migration) bool { return m.Version == version }
	t.outOfOrder, t.above, t.resume = slices.DeleteFunc(t.outOfOrder, is), slices.DeleteFunc(t.above, is), false
}

// checkTarget refuses a run that cannot reach the version to before it begins. Zero: the
// last version.
func checkTarget(list []naming.Migration, now Survey, name string, to int) error {
	if now.Unfinished != nil {
		if _, err := naming.Find(list, now.Unfinished.Version); err != nil {
			return apply.Interrupted(*now.Unfinished, name)
		}
	}
	switch {
	case to == 0 || to == now.Version:
		return nil
	case to < now.Version:
		return fault.Of(fault.ErrBackwards, "it is at version %d, and migrations do not run backwards to %d", now.Version, to)
	}
	_, err := naming.Find(list, to)
	return err
}
