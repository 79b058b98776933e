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

// Todo is the list of migrations that a run applies.
type Todo struct {
	Late  []naming.Migration // below the version, out of order
	Above []naming.Migration
	Begun bool // the first above the version was begun before, and goes first
}

// Decide returns the migrations to apply to a database in the state now, or the gravest
// reason why none may be applied. Only edits need the texts of the files: sum, the checksum
// of one, is called for all applied migrations if there is something to apply, else for
// renamed ones alone, since reading all files at every start of an application takes too
// long.
func Decide(now Survey, list []naming.Migration, sum func(naming.Migration) (string, error), opts Config) (Todo, error) {
	t := Todo{Above: naming.Between(list, now.Version, opts.To), Begun: now.Unfinished != nil}
	s := now.Status(list)
	for _, m := range s.In(StateOutOfOrder) {
		t.Late = append(t.Late, m.Migration)
	}
	which := renamedText
	if len(t.List()) > 0 {
		which = EveryText
	}
	if err := s.FindEdits(which, sum); err != nil {
		return Todo{}, err
	}
	for _, problem := range s.Refusals(opts) {
		return Todo{}, problem
	}
	return t, nil
}

// List returns the migrations in the order in which they are applied.
func (t Todo) List() []naming.Migration {
	if t.Begun {
		return slices.Concat(t.Above, t.Late)
	}
	return slices.Concat(t.Late, t.Above)
}

// Done removes the migration of a version, which was applied.
func (t *Todo) Done(version int) {
	is := func(m naming.Migration) bool { return m.Version == version }
	t.Late, t.Above, t.Begun = slices.DeleteFunc(t.Late, is), slices.DeleteFunc(t.Above, is), false
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
