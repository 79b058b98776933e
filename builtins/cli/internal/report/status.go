// How a database and its migrations stand, for people.

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"fastmigrate/core"
	"fastmigrate/core/visible"
)

// StatusTable shows the version of the database at a path, and the state of every migration.
// It leaves out columns at the right if the terminal is too narrow.
func (r *Reporter) StatusTable(db string, s core.DatabaseStatus) string {
	table := [][]string{{"STATE", "MIGRATION", "APPLIED", "TIME", "ROWS", "HOST"}}
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
		table = append(table, []string{string(m.State), name, applied, took, rows, cmp.Or(visible.Line(m.Host), "-")})
	}
	for _, m := range s.Misnamed {
		table = append(table, []string{"misnamed", visible.Line(m.Name), "-", "-", "-", "-"})
	}
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
	return text + columns(table, r.Width)
}

// columns aligns the cells of a table, and leaves out columns at the right, but for the
// first two, while it is wider than width; 0: none.
func columns(table [][]string, width int) string {
	for n := len(table[0]); ; n-- {
		var b strings.Builder
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range table {
			fmt.Fprintln(w, strings.Join(row[:n], "\t"))
		}
		w.Flush()
		text := strings.TrimSuffix(b.String(), "\n")
		wide := slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool { return utf8.RuneCountInString(line) > width })
		if width == 0 || n == 2 || !wide {
			return text
		}
	}
}
