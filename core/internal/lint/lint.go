// Package lint finds in what a migration did what its author may not have meant, from
// databases before and after it: as findings, each with its place.
package lint

import (
	"context"
	"time"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/loss"
)

// Migration is an applied migration, with what is known about it.
type Migration struct {
	File string
	Text []byte               // of the file; a .sql is also where a [loss.Place] is
	Says directive.Directives // what its comments ask for

	Before, After loss.Content
	Seen          *loss.Trace // nil: it was not watched
	Path          string      // of the database after it, which is a copy
	PathBefore    string      // of a copy of the database before it; "" if there is none

	Replaced []loss.Finding   // what [loss.CompareValues] found
	Gone     map[string]int64 // how many rows of a table are gone, by its name now, where others may only have been put back
	Slow     []Slow
	Found    []finding.Finding // by who ran it: they have their places
}

// LongLock is how long a statement may hold the lock.
const LongLock = time.Second

// Slow is a statement that held the lock for longer than [LongLock].
type Slow struct {
	At   int // as of [loss.Place]
	Took time.Duration
}

// Findings returns all findings, grouped by subject: losses, replaced values, lost and new
// constraints, indexes, full-text tables, time, and earlier findings. The error is the cause of
// ctx.
func (m *Migration) Findings(ctx context.Context) ([]finding.Finding, error) {
	list := m.losses()
	list = append(list, m.gained()...)
	list = append(list, m.repeated()...)
	keys, err := m.unindexed(ctx)
	list = append(list, keys...)
	if err == nil {
		var texts []finding.Finding
		texts, err = m.misfitting(ctx)
		list = append(list, texts...)
	}
	for _, s := range m.Slow {
		list = append(list, m.at(finding.New(finding.LongLock, "%s holds the lock for %v", m.brief(s.At), s.Took.Round(100*time.Millisecond)), []loss.Place{{At: s.At}}))
	}
	return append(list, m.Found...), err
}
