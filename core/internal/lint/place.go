// Where a finding stands, and whether a comment accepts it.

package lint

import (
	"slices"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// at sets the place of a finding: the last of the statements that may have caused it. It is
// accepted if comments accept all such statements.
func (m *Migration) at(f finding.Finding, places []loss.Place) finding.Finding {
	f.File, f.Accepted = m.File, m.Says.Accepted(f.Code, -1, -1)
	s := plan.Script{Text: m.Text}
	accepted := map[int]bool{} // by what they do
	for _, p := range places {
		if p.At < 0 { // in no file
			continue
		}
		st := s.StatementAt(p.At, len(m.Text))
		ok := m.Says.Accepted(f.Code, p.At, st.End)
		if all, seen := accepted[p.Code]; !seen || all || !ok {
			f.Line = s.LineAt(st.Start)
			accepted[p.Code] = ok && (all || !seen)
		}
	}
	for _, ok := range accepted {
		f.Accepted = f.Accepted || ok
	}
	return f
}

// statements are those that did something to a table, as one of the codes of SQLite's
// authorizer says. Those of the first code come last. If some of them mention the name, it is
// those alone.
func (m *Migration) statements(table, name string, codes ...int) (list []loss.Place) {
	drops := map[int]bool{}
	for _, p := range m.Seen.Places(table) {
		drops[p.At] = drops[p.At] || p.Code == sqlite.ActDropTable
	}
	for _, code := range slices.Backward(codes) {
		for _, p := range m.Seen.Places(table) {
			if p.Code == code && p.At >= 0 && (code != sqlite.ActDelete || !drops[p.At]) { // to drop is to delete too
				list = append(list, p)
			}
		}
	}
	mention := slices.DeleteFunc(slices.Clone(list), func(p loss.Place) bool { return name == "" || !mentions(m.text(p.At), name) })
	if len(mention) > 0 {
		return mention
	}
	return list
}

// first are the statements that did to a table what the first code says that any did.
func (m *Migration) first(table, name string, codes ...int) []loss.Place {
	for _, code := range codes {
		if list := m.statements(table, name, code); list != nil {
			return list
		}
	}
	return nil
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

// brief is how a statement begins; "a statement" if it is in no file.
func (m *Migration) brief(at int) string {
	if at < 0 {
		return "a statement"
	}
	words := []rune(strings.Join(strings.Fields(m.text(at)), " "))
	if len(words) > 40 {
		return string(words[:40]) + "…"
	}
	return string(words)
}
