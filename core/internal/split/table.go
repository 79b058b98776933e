package split

// Table finds the name of the table in a CREATE TABLE statement, without its schema: its
// offsets and the name itself. Ok is false for another statement, and for a temporary
// table.
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

// Columns finds the text in the parentheses of a CREATE TABLE statement. Ok is false as
// for [Table], and if there are no parentheses.
func Columns(statement []byte) (start, end int, ok bool) {
	_, at, _, ok := Table(statement)
	s := Scanner{text: statement, at: at}
	for depth := 0; ok; {
		t := s.solid()
		if t.kind == eof || t.kind == broken {
			break
		}
		switch statement[t.start] {
		case '(':
			if depth++; depth == 1 {
				start = t.end
			}
		case ')':
			if depth--; depth == 0 {
				return start, t.start, true
			}
		}
		if depth == 0 { // CREATE TABLE t AS
			break
		}
	}
	return 0, 0, false
}

// Begins reports whether a text begins with a keyword, after blanks and comments.
func Begins(text []byte, keyword string) bool {
	s := Scanner{text: text}
	t := s.solid()
	return is(t.kind, text[t.start:t.end], keyword)
}
