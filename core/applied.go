// What a run has applied.

package core

import (
	"fmt"
	"strings"
	"time"

	"fastmigrate/core/visible"
)

// Applied is one migration that was applied.
type Applied struct {
	Migration
	Duration   time.Duration `json:"nanoseconds"` // as the history has it: in milliseconds, without the COMMIT
	Rows       int64         `json:"rows"`        // inserted, updated and deleted; 0 for programs, of which it is not known
	Statements int           `json:"statements"`  // of a .sql
	Steps      bool          `json:"steps"`       // a .sql, or a backfill, that could not be one transaction

	// Skipped is the program that a Trial did not run; nil if there is none.
	Skipped []string `json:"skipped,omitempty"`
}

// String is a line for a person: the name, and how long it took.
func (a Applied) String() string {
	if a.Skipped != nil {
		return fmt.Sprintf("%-40s not run: %s", visible.Line(a.Name), visible.Line(strings.Join(a.Skipped, " ")))
	}
	return fmt.Sprintf("%-40s %8s", visible.Line(a.Name), a.Took())
}

// Took is how long it took, as precisely as a person cares for.
func (a Applied) Took() string {
	d := a.Duration
	switch {
	case d < 10*time.Millisecond:
		d = d.Round(10 * time.Microsecond)
	case d < time.Second:
		d = d.Round(time.Millisecond)
	default:
		d = d.Round(10 * time.Millisecond)
	}
	return d.String()
}
