// What the ROLLBACK TO of a script takes back of the counts: SQLite never counts down. The invariant: savepoints are those that are open, the innermost last.

package session

import (
	"slices"
	"strings"
)

// savepoint is what was counted when one was set.
type savepoint struct {
	name  string
	rows  int64
	acted map[string]int64 // by foreign keys
}

// noteSavepoint takes down a statement about a savepoint; verb is what SQLite calls it:
// BEGIN, ROLLBACK or RELEASE.
func (x *Session) noteSavepoint(verb, name string) {
	if verb == "BEGIN" {
		x.savepoints = append(x.savepoints, savepoint{name, x.Rows(), x.Enforced.Acted()})
		return
	}
	for i, s := range slices.Backward(x.savepoints) {
		if !strings.EqualFold(s.name, name) {
			continue
		}
		x.savepoints = x.savepoints[:i]
		if verb == "ROLLBACK" {
			x.savepoints = x.savepoints[:i+1] // it stays open
			x.Before += x.Rows() - s.rows
			x.Enforced.SetActed(s.acted)
		}
		return
	}
}
