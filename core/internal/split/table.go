package split

// Table finds the name that a CREATE TABLE statement gives its table, without the
// schema before it: where it stands, and what it is. Not ok: it is another
// statement, or makes something temporary.
func Table(statement []byte) (start, end int, name string, ok bool) {
	s := Scanner{text: statement}
	if w := s.words(2); w != [2]string{"CREATE", "TABLE"} {
		return 0, 0, "", false
	}
	if next := s; next.words(1)[0] == "IF" && next.words(2) == [2]string{"NOT", "EXISTS"} {
		s = next
	}
	t := s.solid()
	if s.dotFollows() {
		s.solid()
		t = s.solid()
	}
	switch t.kind {
	case word, quoted, str:
		return t.start, t.end, s.unquoted(t), true
	}
	return 0, 0, "", false
}
