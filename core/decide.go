// What a run is to do. The decision needs the state of the database and the names of
// the files, and nothing else but for the texts of files that may have been edited.

package core

import (
	"slices"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// todo are the migrations that a run applies.
type todo struct {
	late  []naming.Migration // below the version, out of order
	above []naming.Migration
	begun bool // the first above the version was begun before, and goes first
}

// decide gives the migrations to apply to a database that stands as now says, or why
// none may be applied. Names tell all but what was edited: sum is only asked for that
// if there is something to apply, as to read all files at every start of an
// application would take too long.
func decide(now survey, list []naming.Migration, sum func(naming.Migration) (string, error), o settings) (todo, error) {
	t := todo{above: naming.After(list, now.version, o.To), begun: now.left != nil}
	s := now.compare(list)
	for _, m := range s.in(isOutOfOrder) {
		t.late = append(t.late, m.Migration)
	}
	which := renamedText
	if len(t.list()) > 0 {
		which = everyText
	}
	if err := s.readTexts(which, sum); err != nil {
		return todo{}, err
	}
	for _, problem := range s.refusals(o) {
		return todo{}, problem
	}
	return t, nil
}

// list is what is to be applied, in order.
func (t todo) list() []naming.Migration {
	if t.begun {
		return slices.Concat(t.above, t.late)
	}
	return slices.Concat(t.late, t.above)
}

// done takes out one that was applied.
func (t *todo) done(version int) {
	is := func(m naming.Migration) bool { return m.Version == version }
	t.late, t.above, t.begun = slices.DeleteFunc(t.late, is), slices.DeleteFunc(t.above, is), false
}

// reachable reports what makes a run to a version pointless before it begins; to 0 is
// to the last.
func reachable(list []naming.Migration, now survey, name string, to int) error {
	if now.left != nil {
		if _, err := naming.Find(list, now.left.Version); err != nil {
			return apply.Interrupted(*now.left, name)
		}
	}
	switch {
	case to == 0 || to == now.version:
		return nil
	case to < now.version:
		return fault.Of(fault.ErrBackwards, "it is at version %d, and migrations do not run backwards to %d", now.version, to)
	}
	_, err := naming.Find(list, to)
	return err
}
