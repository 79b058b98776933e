package split

import "strings"

// Indexed is the content of a CREATE INDEX statement.
type Indexed struct {
	Unique bool
	Table  string
	Terms  []string // columns and expressions as written, without ASC and DESC
	Where  string   // the condition of a partial index; "" if it has all rows
}

// Index reads a CREATE INDEX statement. Ok is false for another statement.
func Index(statement []byte) (x Indexed, ok bool) {
	s := Scanner{text: statement}
	first := s.words(2)
	if x.Unique = first[1] == "UNIQUE"; x.Unique {
		first[1] = s.words(1)[0]
	}
	if first != [2]string{"CREATE", "INDEX"} {
		return x, false
	}
	for t := s.solid(); !is(t.kind, statement[t.start:t.end], "ON"); t = s.solid() {
		if t.kind == eof || t.kind == semi {
			return x, false
		}
	}
	x.Table = s.unquoted(s.solid())
	t := s.solid()
	if t.kind != other || statement[t.start] != '(' {
		return x, false
	}
	from, end, depth := t.end, t.end, 1 // of a term
	for depth > 0 {
		t = s.solid()
		if t.kind == eof || t.kind == broken {
			return x, false
		}
		c := statement[t.start]
		switch {
		case t.kind == other && c == '(':
			depth++
		case t.kind == other && c == ')':
			depth--
		}
		switch {
		case depth == 0, depth == 1 && t.kind == other && c == ',':
			x.Terms = append(x.Terms, string(statement[from:end]))
			from, end = t.end, t.end
		case depth == 1 && (is(t.kind, statement[t.start:t.end], "ASC") || is(t.kind, statement[t.start:t.end], "DESC")):
		default:
			end = t.end
		}
	}
	if t = s.solid(); is(t.kind, statement[t.start:t.end], "WHERE") {
		x.Where = strings.TrimRight(string(statement[t.end:]), "; \t\r\n")
	}
	return x, true
}

// OrIgnore makes an INSERT or UPDATE statement skip rows that are not unique. Ok is false
// for another statement, and for one that says itself what happens to such rows.
func OrIgnore(statement []byte) (text string, ok bool) {
	s := Scanner{text: statement}
	at, depth := 0, 0
	for t := s.solid(); t.kind != eof && t.kind != broken; t = s.solid() {
		raw := statement[t.start:t.end]
		switch {
		case t.kind == other && raw[0] == '(':
			depth++
		case t.kind == other && raw[0] == ')':
			depth--
		case at == 0 && depth == 0 && (is(t.kind, raw, "INSERT") || is(t.kind, raw, "UPDATE")):
			at = t.end
			if next := s.words(1)[0]; next == "OR" {
				return "", false
			}
		case at == 0 && depth == 0 && is(t.kind, raw, "REPLACE"), is(t.kind, raw, "CONFLICT"):
			return "", false
		}
	}
	if at == 0 {
		return "", false
	}
	return string(statement[:at]) + " OR IGNORE" + string(statement[at:]), true
}
