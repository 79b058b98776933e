package split

import "strings"

// Normal gives a statement in one spelling: without comments, with one space
// between tokens, keywords and SQLite's own types in upper case, and names without
// quotes that do not need them. It is text to compare, not to run. The case of
// other names stays: it is that of the columns of a result.
func Normal(statement []byte, keyword func(word string) bool) string {
	var b strings.Builder
	s := Scanner{text: statement}
	end, named := -1, false // where the last token ends, and whether it is a name
	for t := s.token(); t.kind != eof && t.kind != semi; t = s.token() {
		if t.kind == blank {
			continue
		}
		raw := string(statement[t.start:t.end])
		switch t.kind {
		case word:
			if keyword(raw) || named && types[strings.ToUpper(raw)] { // which follow a column
				raw = strings.ToUpper(raw)
			}
		case quoted:
			// Unlike true, "true" is a name (https://sqlite.org/lang_expr.html).
			if name := unquote([]byte(raw)); plain(name) && !keyword(name) && !strings.EqualFold(name, "true") && !strings.EqualFold(name, "false") {
				raw = name
			}
		}
		blob := t.kind == str && t.start == end && strings.EqualFold(string(statement[end-1:end]), "x")
		if b.Len() > 0 && !blob { // x'00' is one thing, x '00' are two
			b.WriteByte(' ')
		}
		b.WriteString(raw)
		end, named = t.end, (t.kind == word || t.kind == quoted) && !keyword(raw)
	}
	return b.String()
}

// types are those of which SQLite keeps no spelling.
var types = map[string]bool{"ANY": true, "BLOB": true, "INT": true, "INTEGER": true, "REAL": true, "TEXT": true}

// plain reports whether a name needs no quotes for what is in it.
func plain(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isName(c) || c >= 0x80 || i == 0 && c >= '0' && c <= '9' || c == '$' {
			return false
		}
	}
	return name != ""
}
