package report

import (
	"strings"

	"fastmigrate/core/rehearse"
)

// Rehearsed prints the reports of rehearsals, with the notes below.
func (r *Reporter) Rehearsed(list []rehearse.Report, notes ...string) error {
	var text []string
	for _, one := range list {
		text = append(text, one.String())
	}
	if len(list) == 0 {
		text = append(text, "rehearsed: no database was touched")
	}
	return r.Report(strings.Join(append(text, notes...), "\n"), Rehearsal{list})
}

// Rehearsal is the result of a rehearsal.
type Rehearsal struct {
	Rehearsed []rehearse.Report `json:"rehearsed"` // by database
}
