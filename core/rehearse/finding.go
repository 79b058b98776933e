// What a migration did that its author may not have meant.

package rehearse

import (
	"context"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/lint"
	"fastmigrate/core/internal/loss"
)

// noteRebuilt takes the tables that were dropped and created again.
func (m *Migration) noteRebuilt(before, after loss.Content, seen *loss.Trace) {
	for _, p := range loss.Pairs(before, after, seen) {
		if p.Rebuilt {
			m.Rebuilt = append(m.Rebuilt, p.After.Name)
		}
	}
}

// find finds what its author may not have meant.
func (m *Migration) find(ctx context.Context, all lint.Migration) error {
	found, err := all.Findings(ctx)
	m.Findings = append(m.Findings, found...)
	for _, f := range found {
		if f.Stands() {
			m.Warnings = append(m.Warnings, f.Message)
		}
	}
	return err
}

// Unclear returns the warnings that are no findings: the checks that could not be made.
func (m Migration) Unclear() []string {
	return slices.DeleteFunc(slices.Clone(m.Warnings), func(w string) bool {
		return slices.ContainsFunc(m.Findings, func(f finding.Finding) bool { return f.Message == w })
	})
}

// Stand reports whether someone must look at the report, because of a warning that no
// comment accepts, or a problem that the migrations caused.
func (r Report) Stand() bool {
	meant := false // that a full-text table does not fit
	for _, m := range r.Applied {
		if len(m.Warnings) > 0 {
			return true
		}
		meant = meant || slices.ContainsFunc(m.Findings, func(f finding.Finding) bool { return f.Code == finding.FTS && f.Accepted })
	}
	return len(r.Warnings) > 0 || slices.ContainsFunc(r.Problems, func(p string) bool {
		return !slices.Contains(r.Existing, p) && !(meant && strings.HasPrefix(p, string(fault.FullText)+":"))
	})
}

// advice says of each kind of finding why it matters, what to do, and how to accept it.
func (r Report) advice() (lines []string) {
	var standing []finding.Code
	for _, code := range finding.Codes {
		for _, m := range r.Applied {
			for _, f := range m.Findings {
				if line := string(code) + ": " + f.Why + " " + f.Do; f.Code == code && !f.Accepted && !slices.Contains(lines, line) {
					lines = append(lines, line)
				}
				if f.Code == code && f.Stands() && !slices.Contains(standing, code) {
					standing = append(standing, code)
				}
			}
		}
	}
	if standing != nil {
		lines = append(lines, "to accept them, put this comment into the first lines of the migration, or above the statement: -- "+finding.Accept(standing...))
	}
	return lines
}
