// How a database and its migrations stand, for people.

package report

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/visible"
)

// StatusTable shows the version of the database at a path, and the state of every migration.
func StatusTable(db string, s core.DatabaseStatus) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STATE\tMIGRATION\tAPPLIED\tTIME\tROWS\tHOST")
	for _, m := range s.Migrations {
		applied, took, rows := "-", "-", "-"
		if m.Applied != nil {
			applied = m.Applied.Local().Format(time.DateTime)
		}
		if m.Applied != nil && m.Host != "" && m.State != core.StateRunning && m.State != core.StateInterrupted {
			took = core.Applied{Duration: max(m.Duration, time.Millisecond)}.Took()
		}
		if m.Rows != nil {
			rows = fmt.Sprint(*m.Rows)
		}
		name := visible.Line(m.Name)
		if m.Was != "" {
			name += " (applied as " + visible.Line(m.Was) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.State, name, applied, took, rows, cmp.Or(visible.Line(m.Host), "-"))
	}
	for _, m := range s.Misnamed {
		fmt.Fprintf(w, "misnamed\t%s\t-\t-\t-\t-\n", visible.Line(m.Name))
	}
	w.Flush()
	text := fmt.Sprintf("%s is at version %d\n", visible.Line(db), s.Version)
	if !s.Recorded {
		text = fmt.Sprintf("%s is at version %d, and has no history of applied migrations\n", visible.Line(db), s.Version)
	}
	if s.Unrecorded != "" {
		text += "note: none is kept: " + visible.Line(s.Unrecorded) + "\n"
	}
	if len(s.Migrations)+len(s.Misnamed) == 0 {
		return text + "there are no migrations"
	}
	return text + strings.TrimSuffix(b.String(), "\n")
}
