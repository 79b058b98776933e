// The report of a rehearsal for a person.

package rehearse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"fastmigrate/core/schema"
	"fastmigrate/core/visible"
)

// String describes the [Report] to a person, in several lines: first warnings, then each
// migration, and at the end the result of a check.
func (r Report) String() string {
	version := func(v *int) string {
		if v == nil {
			return "none"
		}
		return strconv.Itoa(*v)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rehearsed on a copy of %s: version %s -> %s", visible.Line(r.Path), version(r.Before), version(r.After))
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "\n  warning: %s", visible.Line(w))
	}
	for _, m := range r.Applied {
		fmt.Fprintf(&b, "\n  %s", strings.ReplaceAll(m.String(), "\n", "\n  "))
	}
	if n := r.countSkipped(); n > 0 {
		fmt.Fprintf(&b, "\n  not run: %s, so the results after it may differ", visible.Count(n, "program"))
	}
	if r.besides {
		if len(r.Applied) > 0 {
			b.WriteString("\n  including other changes to it:")
			if len(r.Schema)+len(r.Tables) == 0 {
				b.WriteString(" no changes")
			}
		}
		writeChanges(&b, r.Schema, r.Tables)
	}
	for _, p := range r.Existing {
		if !slices.Contains(r.Problems, p) {
			fmt.Fprintf(&b, "\n  no longer a problem: %s", visible.Line(p))
		}
	}
	for _, p := range r.Problems {
		kind := "problem"
		if slices.Contains(r.Existing, p) {
			kind = "problem, as before"
		}
		fmt.Fprintf(&b, "\n  %s: %s", kind, visible.Line(p))
	}
	for _, line := range r.advice() {
		fmt.Fprintf(&b, "\n  %s", visible.Line(line))
	}
	switch {
	case r.Failed != nil:
		fmt.Fprintf(&b, "\n  failed: %s", visible.Line(r.Failed.String()))
	case len(r.Problems) == 0:
		b.WriteString("\n  checked: no damage, no broken constraints or foreign keys")
	}
	if len(r.Applied) > 0 {
		fmt.Fprintf(&b, "\n  disk: %v; the copy took %v", r.Disk, r.Copy)
	}
	return b.String()
}

// countSkipped counts the programs that were skipped.
func (r Report) countSkipped() (n int64) {
	for _, m := range r.Applied {
		if m.Skipped != nil {
			n++
		}
	}
	return n
}

// mostFindings is how many findings of a migration a person is told: of a wide table, each
// column can have one.
const mostFindings = 30

// String describes what the migration did, in a few lines.
func (m Migration) String() string {
	var b strings.Builder
	b.WriteString(m.Applied.String())
	if m.Skipped == nil && m.Statements > 0 {
		fmt.Fprintf(&b, "  %s, %s", visible.Count(int64(m.Statements), "statement"), visible.Count(m.Rows, "row"))
	}
	for _, w := range m.Unclear() {
		fmt.Fprintf(&b, "\n  warning: %s", visible.Line(w))
	}
	for i, f := range m.Findings {
		if i == mostFindings {
			fmt.Fprintf(&b, "\n  and %d more, in --json", len(m.Findings)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s", visible.Line(f.String()))
	}
	for _, text := range m.unfinished() {
		fmt.Fprintf(&b, "\n  note: %s", visible.Line(text))
	}
	for _, name := range m.Rebuilt {
		fmt.Fprintf(&b, "\n  rebuilt: %s", visible.Line(name))
	}
	writeChanges(&b, m.Schema, m.Tables)
	return b.String()
}

// String describes what happened to the rows, in a few words.
func (t TableRows) String() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		verb string
	}{{t.Inserted, "inserted"}, {t.Updated, "updated"}, {t.Deleted, "deleted"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.verb))
		}
	}
	text := strings.Join(parts, ", ")
	if text != "" {
		text = ": " + text
	}
	name := visible.Name(t.Name)
	if t.Was != "" {
		name += ", which was " + visible.Name(t.Was) + ","
	}
	switch {
	case t.Before < 0:
		return fmt.Sprintf("%s has %d%s", name, max(0, t.After), text)
	case t.After < 0:
		return fmt.Sprintf("%s had %d, and is gone", name, t.Before)
	case t.Before == t.After:
		return fmt.Sprintf("%s has %d, as before%s", name, t.After, text)
	}
	return fmt.Sprintf("%s had %d, has %d%s", name, t.Before, t.After, text)
}

// String returns "20 kB of 73 GB in data".
func (d DiskUse) String() string {
	if d.Free < 0 {
		return humanize.Bytes(uint64(d.Bytes)) + " in " + visible.Line(d.Dir)
	}
	return fmt.Sprintf("%s of %s in %s", humanize.Bytes(uint64(d.Bytes)), humanize.Bytes(uint64(d.Free)), visible.Line(d.Dir))
}

// writeChanges writes a line for each change.
func writeChanges(b *strings.Builder, changes []schema.Change, tables []TableRows) {
	for _, c := range changes {
		fmt.Fprintf(b, "\n  schema: %s", strings.ReplaceAll(c.String(), "\n", "\n    "))
	}
	for _, t := range tables {
		fmt.Fprintf(b, "\n  rows: %v", t)
	}
}
