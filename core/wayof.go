package core

import (
	"maps"
	"slices"

	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
)

// wayOf is how the migration of a record was applied.
func wayOf(r history.Record) naming.Way {
	if w := naming.Ways[naming.Migration{Name: r.File}.Kind()]; w != naming.None {
		return w
	}
	return naming.Runner
}

func kindsOf(runners map[string]Runner) naming.Kinds { return slices.Sorted(maps.Keys(runners)) }
