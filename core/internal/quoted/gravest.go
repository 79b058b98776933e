package quoted

import (
	"cmp"
	"slices"

	"fastmigrate/core/finding"
)

// most is how many names are told of one file: a dump has any number of them.
const most = 3

// Gravest keeps the findings to report for one file, each with its place: warnings, then
// notes, then accepted findings. The zero value is empty.
type Gravest[Place any] struct {
	found []Told[Place]
	more  bool // than are in found, and not accepted
	told  int
	said  bool // that there are more
}

// Told is a finding, and its place.
type Told[Place any] struct {
	finding.Finding
	Place Place
}

func (t Told[Place]) gravity() int {
	switch {
	case t.Accepted:
		return 2
	case t.Level == finding.Note:
		return 1
	}
	return 0
}

// Full reports whether nothing that is added now can be told.
func (g *Gravest[Place]) Full() bool { return len(g.found) == most && g.found[most-1].gravity() == 0 }

// Add adds a finding that stands at a place.
func (g *Gravest[Place]) Add(f finding.Finding, at Place) {
	g.found = append(g.found, Told[Place]{f, at})
	slices.SortStableFunc(g.found, func(a, b Told[Place]) int { return cmp.Compare(a.gravity(), b.gravity()) })
	if len(g.found) > most {
		g.Omit(g.found[most].Accepted)
		g.found = g.found[:most]
	}
}

// Omit says that there is another one, which need not be told.
func (g *Gravest[Place]) Omit(accepted bool) { g.more = g.more || !accepted }

// Take returns the findings to report now: at most three for a file, of which the last
// says whether there are more. If more are found later, one of those says so.
func (g *Gravest[Place]) Take() []Told[Place] {
	room := most - g.told
	if room == 0 && !g.said && len(g.found) > 0 && !g.found[0].Accepted {
		room, g.more = 1, true
	}
	now := g.found[:min(room, len(g.found))]
	if n := len(now); n > 0 && (g.more || n < len(g.found)) {
		now[n-1].Message += " (and more in this file)"
		g.said = true
	}
	g.told = min(most, g.told+len(now))
	g.found, g.more = nil, false
	return now
}
