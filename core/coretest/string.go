package coretest

import (
	"fmt"
	"strings"
	"time"

	"fastmigrate/core/visible"
)

// String returns a line as `go test` prints it: ok, FAIL, or skip with the reason.
func (one Checked) String() string {
	word := "ok  "
	switch {
	case one.Skipped:
		return "skip  " + visible.Line(one.Name)
	case len(one.Problems) > 0:
		word = "FAIL"
	}
	text := fmt.Sprintf("%s  %-40s %8s", word, visible.Line(one.Name), one.Duration.Round(time.Millisecond))
	for _, n := range one.Notes {
		text += "\n    note: " + strings.ReplaceAll(visible.Text(n), "\n", "\n    ")
	}
	return text
}
