// Package split reads an SQL script statement by statement, and tells where each is and
// what it does to transactions. It follows SQLite's own lexical rules
// (https://sqlite.org/lang.html, the tokenizer and sqlite3_complete of its source), and
// runs nothing.
//
// The invariants: the statements and what is between them are the script; a text without
// an end is one statement, of the kind [Incomplete].
package split

import (
	"bytes"
	"strings"
)

// Kind is what a statement does to a transaction.
type Kind uint8

const (
	Plain       Kind = iota // runs in a transaction as it does outside one
	Begin                   // BEGIN
	Commit                  // COMMIT or END
	Rollback                // ROLLBACK, but not to a savepoint
	Vacuum                  // VACUUM
	Attach                  // ATTACH or DETACH
	Pragma                  // PRAGMA
	DropTable               // DROP TABLE
	RenameTable             // ALTER TABLE ... RENAME TO
	CreateTemp              // CREATE of something that ends with the connection
	Savepoint               // SAVEPOINT
	Release                 // RELEASE of a savepoint
	Incomplete              // a string, a name, a comment, a trigger or a statement without an end
)

// Statement is one statement of a script, in byte offsets.
type Statement struct {
	Kind       Kind
	Start      int  // its first token
	End        int  // the byte after it, its semicolon included
	Terminated bool // it ends in a semicolon
	Culprit    int  // Incomplete: where the part without an end begins
	Explain    bool // EXPLAIN: compiled and shown, but not run

	Name  string // Pragma: its name, in lower case; RenameTable: the new name; Savepoint, Release: its name
	Value string // Pragma: what it is set to, in lower case and without quotes; "" if it is only asked

	// Meta is the offset of the first name of a guarded table that the statement would
	// change; 0 if there is none.
	Meta int
}

// Ordinary reports whether the statement only has to be run.
func (st *Statement) Ordinary() bool { return st.Kind == Plain && !st.Explain && st.Meta == 0 }

// Scanner yields the statements of a script in order.
type Scanner struct {
	text    []byte
	at      int
	guarded []string
}

// New scans text. A statement that writes to one of the guarded tables, whose names begin
// with an underscore, has its Meta set.
func New(text []byte, guarded ...string) *Scanner {
	s := &Scanner{text: text, guarded: guarded}
	if !s.mentions(text) {
		s.guarded = nil
	}
	return s
}

// The states of sqlite3_complete: a CREATE TRIGGER ends only after "; END ;".
const (
	start = iota
	normal
	explain
	create
	trigger
	semicolon
	end
)

// Next returns the next statement; false if only blanks, comments and semicolons are
// left.
func (s *Scanner) Next() (Statement, bool) {
	st := Statement{Start: -1}
	state, parens := start, 0
	for {
		if state == normal {
			parens += s.skip()
		}
		t := s.token()
		switch t.kind {
		case blank:
			continue
		case eof:
			if st.Start < 0 {
				return st, false
			}
			st.End = t.end
			s.classify(&st)
			if state == trigger || state == semicolon || parens > 0 {
				st.Kind, st.Culprit = Incomplete, st.Start
			}
			return st, true
		case broken: // the rest of the text has no end
			if st.Start < 0 {
				st.Start = t.start
			}
			st.Kind, st.Culprit, st.End = Incomplete, t.start, t.end
			return st, true
		case semi:
			switch state {
			case start, semicolon:
				continue
			case trigger:
				state = semicolon
				continue
			}
			st.End, st.Terminated = t.end, true
			s.classify(&st)
			return st, true
		}
		if st.Start < 0 {
			st.Start = t.start
		}
		raw := s.text[t.start:t.end]
		switch raw[0] {
		case '(':
			parens++
		case ')':
			parens--
		}
		state = after(state, t.kind, raw)
	}
}

// skip skips bytes that can neither end a statement nor hide its end, which are most of a
// script, and gives the number of parentheses that they leave open.
func (s *Scanner) skip() (parens int) {
	text, i := s.text, s.at
loop:
	for ; ; i++ {
		for i < len(text) && class[text[i]]&special == 0 {
			i++
		}
		if i == len(text) {
			break
		}
		switch c := text[i]; {
		case c == '(':
			parens++
		case c == ')':
			parens--
		case c == '-' && (i+1 == len(text) || text[i+1] != '-'):
		case c == '/' && (i+1 == len(text) || text[i+1] != '*'):
		case c == '$' && i > s.at && isName(text[i-1]):
		default:
			break loop
		}
	}
	s.at = i
	return parens
}

// after is sqlite3_complete's table for a token other than a semicolon.
func after(state int, kind tokenKind, raw []byte) int {
	switch state {
	case start, explain:
		switch {
		case is(kind, raw, "EXPLAIN"):
			return explain
		case is(kind, raw, "CREATE"):
			return create
		case state == explain:
			return explain
		}
		return normal
	case create:
		switch {
		case is(kind, raw, "TEMP"), is(kind, raw, "TEMPORARY"):
			return create
		case is(kind, raw, "TRIGGER"):
			return trigger
		}
		return normal
	case semicolon:
		if is(kind, raw, "END") {
			return end
		}
		return trigger
	case trigger, end:
		return trigger
	}
	return state
}

// is reports whether a token is the keyword given.
func is(kind tokenKind, raw []byte, keyword string) bool {
	return kind == word && len(raw) == len(keyword) && strings.EqualFold(string(raw), keyword)
}

type tokenKind uint8

const (
	blank  tokenKind = iota // white space or a comment
	semi                    // ;
	word                    // an unquoted name or keyword
	quoted                  // a name in "", `` or []
	str                     // a string in ''
	other                   // anything else
	broken                  // a string, a quoted name or a comment without its end
	eof
)

type token struct {
	kind       tokenKind
	start, end int
}

func (s *Scanner) token() token {
	text, i := s.text, s.at
	t := token{other, i, i + 1}
	if i >= len(text) {
		return token{eof, i, i}
	}
	switch c := text[i]; {
	case c == ';':
		t.kind = semi
	case isSpace(c):
		t.kind = blank
		for t.end < len(text) && isSpace(text[t.end]) {
			t.end++
		}
	case c == 0xEF && bytes.HasPrefix(text[i:], bom):
		t.kind, t.end = blank, i+len(bom)
	case c == '-' && bytes.HasPrefix(text[i:], []byte("--")):
		t.kind = blank
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			t.end = i + n + 1
		} else {
			t.end = len(text)
		}
	case c == '/' && bytes.HasPrefix(text[i:], []byte("/*")):
		if n := bytes.Index(text[i+2:], []byte("*/")); n >= 0 {
			t.kind, t.end = blank, i+2+n+2
		} else {
			t.kind, t.end = broken, len(text)
		}
	case c == '\'':
		t = s.quote(str, c)
	case c == '"' || c == '`':
		t = s.quote(quoted, c)
	case c == '[':
		if n := bytes.IndexByte(text[i:], ']'); n >= 0 {
			t.kind, t.end = quoted, i+n+1
		} else {
			t.kind, t.end = broken, len(text)
		}
	case c == '$' || c == '@' || c == '#' || c == ':':
		t.end = s.variable(i)
	case isName(c):
		t.kind = word
		for t.end < len(text) && isName(text[t.end]) {
			t.end++
		}
		if c >= '0' && c <= '9' {
			t.kind = other
		}
	}
	s.at = t.end
	return t
}

var bom = []byte("\uFEFF")

// quote reads to the closing c; a doubled one stands for itself.
func (s *Scanner) quote(kind tokenKind, c byte) token {
	for i := s.at + 1; ; i++ {
		n := bytes.IndexByte(s.text[min(i, len(s.text)):], c)
		if n < 0 {
			return token{broken, s.at, len(s.text)}
		}
		i += n
		if i+1 >= len(s.text) || s.text[i+1] != c {
			return token{kind, s.at, i + 1}
		}
		i++
	}
}

// variable reads a parameter, in its Tcl form too: $a::b(c).
func (s *Scanner) variable(i int) int {
	text, named := s.text, false
	for i++; i < len(text); i++ {
		switch c := text[i]; {
		case isName(c):
			named = true
		case c == '(' && named:
			for j := i + 1; j < len(text) && !isSpace(text[j]); j++ {
				if text[j] == ')' {
					return j + 1
				}
			}
			return i
		case c == ':' && i+1 < len(text) && text[i+1] == ':':
			i++
		default:
			return i
		}
	}
	return i
}

// charClass says which bytes are white space, which can be in a name, and which may begin
// something that must be read completely.
type charClass uint8

const (
	space charClass = 1 << iota
	inName
	special
)

var class = func() (class [256]charClass) {
	for i := range class {
		switch c := byte(i); {
		case c == ' ' || c >= '\t' && c <= '\r':
			class[c] |= space
		case c >= 0x80 || c == '_' || c == '$', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			class[c] |= inName
		}
	}
	for _, c := range []byte(";'\"`[$@#:-/()") {
		class[c] |= special
	}
	return class
}()

func isSpace(c byte) bool { return class[c]&space != 0 }
func isName(c byte) bool  { return class[c]&inName != 0 }
