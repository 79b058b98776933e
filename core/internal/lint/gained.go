// What succeeds only because of the rows that there are today.

package lint

import (
	"regexp"
	"slices"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// gained are constraints that rows of before happen to satisfy: UNIQUE and NOT NULL. Those for
// which the migration itself prepares the rows are none.
func (m *Migration) gained() (list []finding.Finding) {
	for _, g := range loss.CompareGained(m.Before, m.After, m.Seen) {
		table, c := g.After.Name, g.Constraint
		at := m.statements(table, "", sqlite.ActCreateTable, sqlite.ActInsert, sqlite.ActDropTable)
		if !g.Rebuilt {
			at = m.statements(table, "", sqlite.ActAlterTable)
		}
		switch {
		case g.Index.Name != "" && !m.makesUnique(table):
			at = m.statements(table, g.Index.Name, sqlite.ActCreateIndex)
			list = append(list, m.at(finding.New(finding.DataDependent, "index %s: rows of table %s must be unique from now on, and nothing ensures that they are", g.Index.Name, table), at))
		case g.Index.Name != "":
		case c.Kind == split.NotNull && !m.fills(g.Pair, c.Columns[0]) && !m.leavesOut(table):
			list = append(list, m.at(finding.New(finding.DataDependent, "column %s.%s is NOT NULL from now on, and nothing replaces its NULLs", table, c.Columns[0]), at))
		case c.Kind != split.NotNull && !m.makesUnique(table):
			list = append(list, m.at(finding.New(finding.DataDependent, "table %s: %v is new, and nothing makes the rows unique", table, c), at))
		}
	}
	return list
}

// distinct is what leaves out or brings together rows that are alike.
var distinct = regex.New(`(?i)\bor\s+(ignore|replace)\b|^\s*replace\b|\bdistinct\b|\bgroup\s+by\b|\brow_number\b|\bon\s+conflict\b`)

// makesUnique reports whether the migration does something against rows of a table that are
// alike: it deletes some, or copies not all.
func (m *Migration) makesUnique(table string) bool {
	if m.Seen != nil && len(m.statements(table, "", sqlite.ActDelete)) > 0 {
		return true
	}
	written := m.statements(table, "", sqlite.ActInsert, sqlite.ActUpdate)
	if len(m.statements(table, "", sqlite.ActCreateTable, sqlite.ActCreateIndex)) == 0 { // they stand in no file
		text := string(m.Text)
		return distinct.MatchString(text) || strings.Contains(strings.ToUpper(text), "DELETE FROM")
	}
	return slices.ContainsFunc(written, func(p loss.Place) bool { return distinct.MatchString(m.text(p.At)) })
}

// leavesOut reports whether rows that violate a constraint are left out, and told as lost.
func (m *Migration) leavesOut(table string) bool {
	return slices.ContainsFunc(m.statements(table, "", sqlite.ActInsert), func(p loss.Place) bool { return distinct.MatchString(m.text(p.At)) })
}

// fills reports whether a column of a table had NULLs, which are gone, or the migration does
// something about them.
func (m *Migration) fills(p loss.Pair, column string) bool {
	for _, c := range p.Before.Columns {
		if strings.EqualFold(c.Name, p.ColumnBefore(m.Seen, column)) && c.Types.Values() < p.Before.Rows {
			return true
		}
	}
	name := "[\"`\\[]?" + regexp.QuoteMeta(column) + "[\"`\\]]?"
	filled := regexp.MustCompile(`(?i)\b(coalesce|ifnull|iif)\s*\(\s*(["\w]+\.)?` + name + `|` + name + `\s+(is\s+(not\s+)?null|notnull|isnull)\b`)
	return filled.Match(m.Text)
}
