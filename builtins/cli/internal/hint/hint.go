// Package hint guesses what to do next: after an error, by its key or state and never by
// its words, or after a report that leaves something to do. A hint is one line and, where
// possible, contains a command to type.
//
//	for _, h := range (hint.Context{DB: path, Dir: dir}).For(err) {
package hint

import (
	"errors"
	"slices"

	"fastmigrate/core"
)

// Context is what hints depend on, and name.
type Context struct {
	DB      string       // path of the database
	Dir     string       // migrations directory
	Command string       // the command that runs; "": not yet known
	Tool    string       // the tool that a database is adopted from; "": none
	Atomic  bool         // all migrations already are one transaction
	Options core.Options // for reading migrations
}

// For returns hints for an error, each one line. Nil: none is known.
func (c Context) For(err error) []string {
	if h := (hinted{}); errors.As(err, &h) {
		return []string{h.hint}
	}
	if hints := c.forUsage(err); hints != nil {
		return hints
	}
	return slices.Concat(c.known(err), Added(err))
}

// ForAll returns the hints for several errors, each hint once.
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
