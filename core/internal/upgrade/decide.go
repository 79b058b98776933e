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

// todo is the list of migrations that a run applies, in their order.
type todo []naming.Migration

// newTodo orders them: those below the version that were never applied come first, and before
// them the one that was begun before, the first above the version, if there is one.
func newTodo(outOfOrder, above []naming.Migration, begun bool) todo {
	first := 0
	if begun {
		first = min(1, len(above))
	}
	return slices.Concat(above[:first], outOfOrder, above[first:])
}

// decide returns the migrations to apply to a database in the state now, or the gravest
// reason why none may be applied. Only edits need the texts of the files: sum, the checksum
// of one, is called for all applied migrations if there is something to apply, else for
// renamed ones alone, since reading all files at every start of an application takes too
// long.
func decide(now Survey, list []naming.Migration, sum func(naming.Migration) (string, error), opts Config) (todo, error) {
	s := now.Status(list)
	var outOfOrder []naming.Migration
	for _, m := range s.In(StateOutOfOrder) {
		outOfOrder = append(outOfOrder, m.Migration)
	}
	t := newTodo(outOfOrder, naming.Between(list, now.Version, opts.To), now.Unfinished != nil)
	which := renamedText
	if len(t) > 0 {
		which = EveryText
	}
	if err := s.FindEdits(which, sum); err != nil {
		return nil, err
	}
	for _, problem := range s.Refusals(opts) {
		return nil, problem
	}
	return t, nil
}

// remove removes the migration of a version, which was applied: nearly always the first.
func (t *todo) remove(version int) {
	if len(*t) > 0 && (*t)[0].Version == version {
		*t = (*t)[1:]
		return
	}
	*t = slices.DeleteFunc(*t, func(m naming.Migration) bool { return m.Version == version })
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
		return fault.Of(fault.ErrBackwards, "cannot go to version %[2]d, below the current version %[1]d: migrations do not run backwards", now.Version, to)
	}
	_, err := naming.Find(list, to)
	return err
}
