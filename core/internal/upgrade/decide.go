// What a run is to do. The decision needs the state of the database and the names of
// the files, and nothing else but for the texts of files that may have been edited.

package upgrade

import (
	"slices"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// Todo are the migrations that a run applies.
type Todo struct {
	Late  []naming.Migration // below the version, out of order
	Above []naming.Migration
	Begun bool // the first above the version was begun before, and goes first
}

// Decide gives the migrations to apply to a database that stands as now says, or why
// none may be applied. Names tell all but what was edited: sum is only asked for that
// if there is something to apply, as to read all files at every start of an
// application would take too long.
func Decide(now Survey, list []naming.Migration, sum func(naming.Migration) (string, error), opts Config) (Todo, error) {
	t := Todo{Above: naming.After(list, now.Version, opts.To), Begun: now.Unfinished != nil}
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

// List is what is to be applied, in order.
func (t Todo) List() []naming.Migration {
	if t.Begun {
		return slices.Concat(t.Above, t.Late)
	}
	return slices.Concat(t.Late, t.Above)
}

// Done takes out one that was applied.
func (t *Todo) Done(version int) {
	is := func(m naming.Migration) bool { return m.Version == version }
	t.Late, t.Above, t.Begun = slices.DeleteFunc(t.Late, is), slices.DeleteFunc(t.Above, is), false
}

// checkTarget reports what makes a run to a version pointless before it begins; to 0 is
// to the last.
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
