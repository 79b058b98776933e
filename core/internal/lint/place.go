// Where a finding stands, and whether a comment accepts it.

package lint

import (
	"slices"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// at gives a finding its place: that of the last of the statements of which it may be. A
// comment of any of them accepts it.
func (m *Migration) at(f finding.Finding, statements []int) finding.Finding {
	f.File, f.Accepted = m.File, m.Says.Accepted(f.Code, -1, -1)
	s := plan.Script{Text: m.Text}
	for _, at := range statements {
		if at >= 0 { // else in no file
			st := s.StatementAt(at, len(m.Text))
			f.Line, f.Accepted = s.LineAt(st.Start), f.Accepted || m.Says.Accepted(f.Code, at, st.End)
		}
	}
	return f
}

// statements are those that did something to a table, as one of the codes of SQLite's
// authorizer says, by where each begins. Those of the first code come last. If some of them
// mention the name, it is those alone.
func (m *Migration) statements(table, name string, codes ...int) (list []int) {
	drops := map[int]bool{}
	for _, p := range m.Seen.Places(table) {
		drops[p.At] = drops[p.At] || p.Code == sqlite.ActDropTable
	}
	for _, code := range slices.Backward(codes) {
		for _, p := range m.Seen.Places(table) {
			if p.Code == code && p.At >= 0 && (code != sqlite.ActDelete || !drops[p.At]) { // to drop is to delete too
				list = append(list, p.At)
			}
		}
	}
	mention := slices.DeleteFunc(slices.Clone(list), func(at int) bool { return name == "" || !mentions(m.text(at), name) })
	if len(mention) > 0 {
		return mention
	}
	return list
}

// text is that of a statement.
func (m *Migration) text(at int) string {
	s := plan.Script{Text: m.Text}
	st := s.StatementAt(at, len(m.Text))
	return string(m.Text[st.Start:st.End])
}

// mentions reports whether a statement has a name.
func mentions(statement, name string) bool {
	return split.Find([]byte(statement), name) >= 0
}
