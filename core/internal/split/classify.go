package split

import (
	"bytes"
	"strings"
)

// classify sets the kind of a complete statement, and its Meta.
func (s *Scanner) classify(st *Statement) {
	if c := s.text[st.Start] | ' '; c != 'i' && c != 'u' { // INSERT and UPDATE, which are frequent, are plain
		s.begins(st)
	}
	if !st.Explain && s.mentions(s.text[st.Start:st.End]) {
		st.Meta = (&Scanner{text: s.text[:st.End], at: st.Start, guarded: s.guarded}).target()
	}
}

// begins finds the kind of a statement from its first tokens.
func (s *Scanner) begins(st *Statement) {
	sub := Scanner{text: s.text[:st.End], at: st.Start}
	first := sub.words(1)
	if first[0] == "EXPLAIN" {
		st.Explain = true
		return
	}
	switch first[0] {
	case "BEGIN":
		st.Kind = Begin
	case "COMMIT", "END":
		st.Kind = Commit
	case "ROLLBACK":
		if next := sub.words(2); next[0] != "TO" && next[1] != "TO" {
			st.Kind = Rollback
		}
	case "VACUUM":
		st.Kind = Vacuum
	case "ATTACH", "DETACH":
		st.Kind = Attach
	case "DROP":
		if sub.words(1)[0] == "TABLE" {
			st.Kind = DropTable
		}
	case "ALTER":
		if name, ok := sub.rename(); ok {
			st.Kind, st.Name = RenameTable, name
		}
	case "CREATE":
		if sub.temporary() {
			st.Kind = CreateTemp
		}
	case "SAVEPOINT":
		st.Kind, st.Name = Savepoint, sub.unquoted(sub.solid())
	case "RELEASE":
		st.Kind, st.Name = Release, sub.unquoted(sub.solid())
		if next := sub.solid(); strings.EqualFold(st.Name, "SAVEPOINT") && (next.kind == word || next.kind == quoted || next.kind == str) {
			st.Name = sub.unquoted(next)
		}
	case "PRAGMA":
		st.Kind = Pragma
		st.Name, st.Value = sub.pragma()
	}
}

// solid returns the next token that is not blank; eof at the end.
func (s *Scanner) solid() token {
	for {
		if t := s.token(); t.kind != blank {
			return t
		}
	}
}

// words returns the next n tokens: words in upper case if they are as short as a
// keyword, others as "".
func (s *Scanner) words(n int) [2]string {
	var w [2]string
	for i := range n {
		if t := s.solid(); t.kind == word && t.end-t.start <= len("TRANSACTION") {
			w[i] = upper(s.text[t.start:t.end])
		}
	}
	return w
}

// upper is strings.ToUpper, without an allocation for the frequent ones.
func upper(raw []byte) string {
	for _, w := range [...]string{"INSERT", "UPDATE", "DELETE", "CREATE"} {
		if len(raw) == len(w) && strings.EqualFold(string(raw), w) {
			return w
		}
	}
	return strings.ToUpper(string(raw))
}

// pragma reads [schema.]name [= value | (value)] after the word PRAGMA.
func (s *Scanner) pragma() (name, value string) {
	t := s.solid()
	name = s.unquoted(t)
	if t = s.solid(); t.kind == other && s.text[t.start] == '.' {
		name = s.unquoted(s.solid())
		t = s.solid()
	}
	if t.kind == other && (s.text[t.start] == '=' || s.text[t.start] == '(') {
		t = s.solid()
		value = s.unquoted(t)
		if value == "-" || value == "+" {
			value += s.unquoted(s.solid())
		}
	}
	return strings.ToLower(name), strings.ToLower(value)
}

// temporary reads [UNIQUE|VIRTUAL] kind [IF NOT EXISTS] [schema .] after the word CREATE,
// and reports whether the object is temporary.
func (s *Scanner) temporary() bool {
	switch s.words(1)[0] {
	case "TEMP", "TEMPORARY":
		return true
	case "UNIQUE", "VIRTUAL":
		s.solid()
	}
	t := s.solid()
	if is(t.kind, s.text[t.start:t.end], "IF") {
		s.words(2)
		t = s.solid()
	}
	return s.dotFollows() && strings.EqualFold(s.unquoted(t), "temp")
}

// rename reads TABLE [schema.]name RENAME TO name after the word ALTER.
func (s *Scanner) rename() (name string, ok bool) {
	if s.words(1)[0] != "TABLE" {
		return "", false
	}
	s.solid()
	t := s.solid()
	if t.kind == other && s.text[t.start] == '.' {
		s.solid()
		t = s.solid()
	}
	if !is(t.kind, s.text[t.start:t.end], "RENAME") || s.words(1)[0] != "TO" {
		return "", false
	}
	return s.unquoted(s.solid()), true
}

// target finds the first guarded table, with or without its schema, that
// follows a word which makes it the object of a change.
func (s *Scanner) target() int {
	var verb, lead string // the last word of change; the word that this token follows
	creates := false      // a trigger or an index, which is ON a table
	for {
		t := s.solid()
		if t.kind == eof {
			return 0
		}
		raw := s.text[t.start:t.end]
		if lead != "" && s.isGuarded(t.kind, raw) && (changes(verb, lead) || creates && lead == "ON" && !s.dotFollows()) {
			return t.start
		}
		switch {
		case t.kind == word:
			w := upper(raw)
			switch w {
			case "INSERT", "REPLACE", "UPDATE", "DELETE", "DROP", "ALTER", "CREATE", "SELECT":
				if lead != "OR" {
					verb = w
				}
			case "TRIGGER", "INDEX":
				creates = creates || verb == "CREATE"
			}
			if lead == "OR" && w != "REPLACE" { // UPDATE OR IGNORE t
				w = "REPLACE"
			}
			if lead != "" && s.dotFollows() {
				continue // a schema: its table follows the lead too
			}
			lead = w
		case t.kind == other && raw[0] == '.':
		default:
			if t.kind != other && s.dotFollows() {
				continue
			}
			lead = ""
		}
	}
}

func (s *Scanner) dotFollows() bool {
	next := *s
	t := next.solid()
	return t.kind == other && s.text[t.start] == '.'
}

// changes reports whether a table after the word lead is changed by verb.
func changes(verb, lead string) bool {
	switch lead {
	case "INTO", "UPDATE":
		return true
	case "REPLACE":
		return verb == "UPDATE"
	case "FROM":
		return verb == "DELETE"
	case "TABLE", "EXISTS":
		return verb == "DROP" || verb == "ALTER"
	}
	return false
}

// mentions reports whether the name of a guarded table is anywhere in a text. Few
// statements have one, and only these are read more closely.
func (s *Scanner) mentions(statement []byte) bool {
	for _, g := range s.guarded {
		for rest := statement; ; {
			i := bytes.IndexByte(rest, g[0]) // an underscore, which has no other case
			if i < 0 || len(rest)-i < len(g) {
				break
			}
			if strings.EqualFold(string(rest[i:i+len(g)]), g) {
				return true
			}
			rest = rest[i+1:]
		}
	}
	return false
}

func (s *Scanner) isGuarded(kind tokenKind, raw []byte) bool {
	if kind != word && kind != quoted && kind != str {
		return false
	}
	for _, g := range s.guarded {
		if len(raw) >= len(g) && len(raw) <= len(g)+2 && strings.EqualFold(unquote(raw), g) {
			return true
		}
	}
	return false
}

// Find returns the offset of the first occurrence of a name in a statement, with or
// without quotes, but not in a string or a comment; -1 if there is none.
func Find(statement []byte, name string) int {
	s := Scanner{text: statement}
	for {
		switch t := s.solid(); t.kind {
		case eof, broken:
			return -1
		case word, quoted:
			if strings.EqualFold(s.unquoted(t), name) {
				return t.start
			}
		}
	}
}

// Unquote returns the name or the string that a token means.
func Unquote(token string) string { return unquote([]byte(token)) }

func (s *Scanner) unquoted(t token) string { return unquote(s.text[t.start:t.end]) }

func unquote(raw []byte) string {
	if len(raw) >= 2 {
		switch q := raw[0]; q {
		case '"', '`', '\'':
			return string(bytes.ReplaceAll(raw[1:len(raw)-1], []byte{q, q}, []byte{q}))
		case '[':
			return string(raw[1 : len(raw)-1])
		}
	}
	return string(raw)
}
