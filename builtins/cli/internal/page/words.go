package page

import (
	"slices"
	"strings"

	"fastmigrate/core/regex"
)

// word is a piece of text that both versions have, or only one.
type word struct {
	Text string
	Mark string // del, ins, mark or ""
}

// Tokens include the white space before them. A string or a comment is one token, because
// white space matters in it.
var (
	tokens = regex.New(`\s*(?:--[^\n]*|/\*(?s:.*?)\*/|'[^']*'|"[^"]*"|` + "`[^`]*`" + `|\[[^\]]*\]|[\pL\pN_]+|\S)`)
	token  = regex.New(`^(?:[\pL\pN_]+|(?s:.))`)
	quoted = regex.New(`^(\s*["` + "`" + `\[])([\pL\pN_]+)(["` + "`" + `\]])$`)
	indent = regex.New(`^\s+|\s*\n\s*`)
)

// differ compares the statements that create an object before and after, word by word, and
// ignores white space. In a table it compares only definitions of the same column; other
// definitions are shown as added or removed.
func differ(before, after string) (list []word) {
	a, b := definitions(before), definitions(after)
	align(a, b, func(a, b []string) bool { return name(a) == name(b) }, func(a, b []string) {
		for _, r := range compare(a, b) {
			list = append(list, marked(r.del, "del")...)
			list = append(list, marked(r.ins, "ins")...)
			list = append(list, word{r.both, ""})
		}
	})
	return slices.DeleteFunc(list, func(w word) bool { return w.Text == "" })
}

// marked marks the text, but not line breaks and indentation.
func marked(text, mark string) (list []word) {
	at := 0
	for _, m := range indent.Regexp().FindAllStringIndex(text, -1) {
		list = append(list, word{text[at:m[0]], mark}, word{text[m[0]:m[1]], ""})
		at = m[1]
	}
	return append(list, word{text[at:], mark})
}

// run is text in which two versions differ, followed by text that they share.
type run struct{ del, ins, both, was string } // was: both, with its earlier white space

// compare compares two lists of tokens. Shared text between two differences that is
// shorter than both is an accident: it becomes part of one difference.
func compare(before, after []string) (runs []run) {
	same := func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }
	runs = []run{{}}
	align(before, after, same, func(a, b string) {
		last := &runs[len(runs)-1]
		if a != "" && b != "" {
			last.was, last.both = last.was+a, last.both+b
			return
		}
		if last.both != "" {
			runs = append(runs, run{})
			last = &runs[len(runs)-1]
		}
		last.del, last.ins = last.del+a, last.ins+b
	})
	size := func(s string) int { return len(strings.Join(strings.Fields(s), "")) }
	for i := 1; i < len(runs); i++ {
		x, y := runs[i-1], runs[i]
		if n := size(x.both); n >= max(size(x.del), size(x.ins)) || n >= max(size(y.del), size(y.ins)) {
			continue
		}
		runs[i-1] = run{x.del + x.was + y.del, x.ins + x.both + y.ins, y.both, y.was}
		runs = slices.Delete(runs, i, i+1)
		i = max(i-2, 0) // whose other side is larger now
	}
	return runs
}

// align calls each for the pieces of a and b in their order: with both if they are equal,
// as often as possible, otherwise with the zero value for the other.
func align[T any](a, b []T, same func(a, b T) bool, each func(a, b T)) {
	var none T
	if len(a)*len(b) > 4<<20 { // no one would read that piece by piece
		for _, x := range a {
			each(x, none)
		}
		for _, x := range b {
			each(none, x)
		}
		return
	}
	n := 0 // that are the same at the end
	for n < min(len(a), len(b)) && same(a[len(a)-1-n], b[len(b)-1-n]) {
		n++
	}
	endA, endB := a[len(a)-n:], b[len(b)-n:]
	a, b = a[:len(a)-n], b[:len(b)-n]
	common := make([][]int, len(a)+1) // how many tokens the ends from i and j have in common
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); same(a[i], b[j]) {
				common[i][j] = max(common[i][j], common[i+1][j+1]+1)
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && same(a[i], b[j]) && common[i][j] == common[i+1][j+1]+1:
			each(a[i], b[j])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			each(a[i], none)
			i++
		default:
			each(none, b[j])
			j++
		}
	}
	for i := range endA {
		each(endA[i], endB[i])
	}
}

// definitions returns the tokens of a statement; those of a CREATE TABLE in a list for
// each column and constraint, which begins a line if the statement is written on one.
func definitions(sql string) (list [][]string) {
	all := split(sql)
	if !strings.HasPrefix(strings.ToUpper(sql), "CREATE TABLE") {
		return [][]string{all}
	}
	depth, open, end := 0, false, true // open: a definition ends, maybe after a comment
	for i, token := range all {
		text := strings.TrimSpace(token)
		if end = end || text == ")" && depth == 1; end {
			list, end = append(list, nil), false
			if i > 0 && !strings.Contains(sql, "\n") {
				token = "\n  " + text
				if text == ")" {
					token = "\n)"
				}
			}
		}
		list[len(list)-1] = append(list[len(list)-1], token)
		switch text {
		case "(":
			depth++
			open = depth == 1
		case ")":
			depth--
		case ",":
			open = depth == 1
		}
		next := i+1 < len(all) && strings.HasPrefix(strings.TrimLeft(all[i+1], " \t"), "--") // a comment on the same line
		if open && !next {
			open, end = false, true
		}
	}
	return list
}

// split returns the tokens of an SQL text. The quotes of a name that would not need them
// are separate tokens: renaming a table adds them.
func split(sql string) (list []string) {
	for _, token := range tokens.Regexp().FindAllString(sql, -1) {
		if m := quoted.FindStringSubmatch(token); m != nil {
			list = append(list, m[1:]...)
		} else {
			list = append(list, token)
		}
	}
	return list
}

// name is the first name or word of a definition, in lower case.
func name(definition []string) string {
	for _, token := range definition {
		text := strings.TrimSpace(token)
		if strings.Trim(text, "\"`[](,") != "" && !strings.HasPrefix(text, "--") && !strings.HasPrefix(text, "/*") {
			return strings.ToLower(text)
		}
	}
	return ""
}
