package page

import (
	"strings"

	"fastmigrate/core/regex"
)

// word is a piece of two texts: of both, or of one.
type word struct {
	Text string
	Mark string // del, ins or ""
}

var (
	words = regex.New(`\s+|\w+|[^\w\s]`)
	named = regex.New(`^[\s,(]*["'\x60\[]?(\w*)`)
)

// differ gives the statement that makes an object of a schema before and after,
// of a table one line for each column: only in a column that both have are words
// compared.
func differ(before, after string) (list []word) {
	a, b := lines(before), lines(after)
	name := func(line string) string { return strings.ToLower(named.FindStringSubmatch(line)[1]) }
	align(a, b, func(a, b string) bool { return name(a) == name(b) }, func(a, b string) {
		switch {
		case b == "":
			list = append(list, word{a, "del"})
		case a == "":
			list = append(list, word{b, "ins"})
		default:
			list = append(list, compare(a, b)...)
		}
	})
	return list
}

// compare marks what only one of two texts has, word by word.
func compare(before, after string) (list []word) {
	add := func(text, mark string) {
		if n := len(list); n > 0 && list[n-1].Mark == mark {
			list[n-1].Text += text
		} else {
			list = append(list, word{text, mark})
		}
	}
	align(words.Regexp().FindAllString(before, -1), words.Regexp().FindAllString(after, -1), func(a, b string) bool { return a == b }, func(a, b string) {
		switch {
		case b == "":
			add(a, "del")
		case a == "":
			add(b, "ins")
		default:
			add(a, "")
		}
	})
	return list
}

// align calls each for the pieces of a and b in their order: with both where they
// are the same, as often as can be, else with "" for the other.
func align(a, b []string, same func(a, b string) bool, each func(a, b string)) {
	if len(a)*len(b) > 4<<20 { // which nobody would read piece by piece
		each(strings.Join(a, ""), "")
		each("", strings.Join(b, ""))
		return
	}
	common := make([][]int, len(a)+1) // how many the ends from i and j have in common
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
			each(a[i], "")
			i++
		default:
			each("", b[j])
			j++
		}
	}
}

// lines puts each column and constraint of a CREATE TABLE on a line of its own;
// other statements, and those written on several lines, stay as they are.
func lines(sql string) (list []string) {
	if sql == "" {
		return nil
	}
	if strings.Contains(sql, "\n") || !strings.HasPrefix(strings.ToUpper(sql), "CREATE TABLE") {
		return strings.SplitAfter(sql, "\n")
	}
	depth, start, quote := 0, 0, rune(0)
	cut := func(at int, end string) {
		text := strings.TrimSpace(sql[start:at])
		if len(list) > 0 && depth > 0 {
			text = "  " + text
		}
		list, start = append(list, text+end), at
	}
	for i, r := range sql {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"' || r == '`':
			quote = r
		case r == '[':
			quote = ']'
		case r == '(':
			if depth++; depth == 1 {
				cut(i+1, "\n")
			}
		case r == ')':
			if depth == 1 {
				cut(i, "\n")
			}
			depth--
		case r == ',' && depth == 1:
			cut(i+1, "\n")
		}
	}
	cut(len(sql), "")
	return list
}
