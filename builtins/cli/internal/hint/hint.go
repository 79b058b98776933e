// Package hint guesses what to do next: from an error, by its key or state and never by
// its words, or from a report that leaves something to do. A hint is a line and holds,
// where it can, a command to type.
//
//	for _, h := range (hint.Context{DB: path, Dir: dir}).For(err) {
package hint

import (
	"errors"
	"slices"

	"fastmigrate/core"
)

// Context is what hints name, and what else they depend on.
type Context struct {
	DB      string       // path of the database
	Dir     string       // directory of the migrations
	Command string       // that runs; "": none is known yet
	Tool    string       // that a database is adopted from; "": none
	Atomic  bool         // all migrations are one transaction already
	Options core.Options // with which migrations are read
}

// For guesses what to do about an error: each is a line. Nil: nothing is known.
func (c Context) For(err error) []string {
	if h := (hinted{}); errors.As(err, &h) {
		return []string{h.hint}
	}
	if hints := c.forUsage(err); hints != nil {
		return hints
	}
	return slices.Concat(c.known(err), Added(err))
}

// ForAll gives the hints to several errors, each once.
func (c Context) ForAll(causes []error) []string {
	hints := []string{}
	for _, err := range causes {
		for _, h := range c.For(err) {
			if !slices.Contains(hints, h) {
				hints = append(hints, h)
			}
		}
	}
	return hints
}
