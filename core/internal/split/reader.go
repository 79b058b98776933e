package split

import "strings"

// reader reads a part of a statement token by token, without blanks. Behind the last
// token, it reads nothing and stays there.
type reader struct {
	text []byte
	list []token
	at   int
}

func newReader(text []byte) *reader {
	r, s := &reader{text: text}, Scanner{text: text}
	for t := s.solid(); t.kind != eof && t.kind != broken; t = s.solid() {
		r.list = append(r.list, t)
	}
	return r
}

// items returns what stands between the commas that are in no parentheses.
func (r *reader) items() (list []*reader) {
	depth, from := 0, 0
	for r.at = 0; r.at <= len(r.list); r.at++ {
		switch {
		case r.opens():
			depth++
		case r.closes():
			depth--
		case r.end(), r.comma() && depth == 0:
			list = append(list, &reader{text: r.text, list: r.list[from:r.at]})
			from = r.at + 1
		}
	}
	return list
}

func (r *reader) end() bool { return r.at >= len(r.list) }

func (r *reader) raw(i int) string { return string(r.text[r.list[i].start:r.list[i].end]) }

// sign reports whether the next token is this one, which is one byte.
func (r *reader) sign(c byte) bool {
	return !r.end() && r.list[r.at].kind == other && r.text[r.list[r.at].start] == c
}

func (r *reader) opens() bool  { return r.sign('(') }
func (r *reader) closes() bool { return r.sign(')') }
func (r *reader) comma() bool  { return r.sign(',') }

// word reports whether the i-th token is a keyword.
func (r *reader) word(i int, keyword string) bool {
	return i >= 0 && i < len(r.list) && is(r.list[i].kind, r.text[r.list[i].start:r.list[i].end], keyword)
}

// is reports whether the next tokens are these keywords.
func (r *reader) is(keywords ...string) bool {
	for i, k := range keywords {
		if !r.word(r.at+i, k) {
			return false
		}
	}
	return true
}

// take reads these keywords, if they come next.
func (r *reader) take(keywords ...string) bool {
	ok := r.is(keywords...)
	if ok {
		r.at += len(keywords)
	}
	return ok
}

// name reads a name; "" at the end.
func (r *reader) name() string {
	if r.end() {
		return ""
	}
	r.at++
	return Unquote(r.raw(r.at - 1))
}

// columnConstraint reports whether a constraint of a column comes next, and not its type.
func (r *reader) columnConstraint() bool {
	for _, k := range [...]string{"CONSTRAINT", "PRIMARY", "UNIQUE", "NOT", "NULL", "DEFAULT", "COLLATE", "CHECK", "REFERENCES", "DEFERRABLE", "AS"} {
		if r.is(k) {
			return true
		}
	}
	return r.is("GENERATED", "ALWAYS")
}

// tableConstraint reports whether a constraint of the table comes next, and no column.
func (r *reader) tableConstraint() bool {
	return r.is("CONSTRAINT") || r.is("PRIMARY") || r.is("UNIQUE") || r.is("CHECK") || r.is("FOREIGN")
}

// parenthesized reads what stands in parentheses, and gives it without them; "" if none
// come next.
func (r *reader) parenthesized() string {
	if !r.opens() {
		return ""
	}
	from := r.at + 1
	for depth := 0; !r.end(); r.at++ {
		if r.opens() {
			depth++
		} else if r.closes() {
			if depth--; depth == 0 {
				r.at++
				return r.between(from, r.at-1)
			}
		}
	}
	return r.between(from, r.at)
}

// between returns tokens as they stand there, with one space where there is any.
func (r *reader) between(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from && r.list[i].start > r.list[i-1].end {
			b.WriteByte(' ')
		}
		b.WriteString(r.raw(i))
	}
	return b.String()
}

// value reads the expression of a DEFAULT: one in parentheses, which it gives without
// them, or a literal, a sign before it, or a word.
func (r *reader) value() string {
	if r.opens() {
		return r.parenthesized()
	}
	from := r.at
	if r.sign('-') || r.sign('+') {
		r.at++
	}
	r.literal()
	return r.between(from, r.at)
}

// literal reads a literal, of which the scanner makes several tokens where it is a
// number with a point or an exponent, or a blob, or one token.
func (r *reader) literal() {
	if r.end() {
		return
	}
	first := r.raw(r.at)
	digits := first[0] >= '0' && first[0] <= '9'
	point := first == "."
	exponent := func(s string) bool {
		return (s[len(s)-1]|' ') == 'e' && !strings.HasPrefix(strings.ToLower(first), "0x")
	}
	r.at++
	switch {
	case (digits || point) && r.adjacent():
		if !point && r.sign('.') {
			r.at++
			point = true
		}
		if last := r.raw(r.at - 1); point && last == "." && r.adjacent() && isName(r.text[r.list[r.at].start]) {
			r.at++
		}
		if last := r.raw(r.at - 1); last != "." && exponent(last) && r.adjacent() && (r.sign('-') || r.sign('+')) {
			if r.at++; r.adjacent() {
				r.at++
			}
		}
	case strings.EqualFold(first, "x") && r.adjacent() && r.list[r.at].kind == str:
		r.at++
	}
}

// adjacent reports whether no space is between the last token and the next.
func (r *reader) adjacent() bool {
	return !r.end() && r.at > 0 && r.list[r.at-1].end == r.list[r.at].start
}
