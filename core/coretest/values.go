package coretest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/regex"
)

// pool has the values to draw from for a column: those that its type and its name
// suggest, and those in the CHECKs that name it.
type pool struct {
	usual    []any
	literal  []any
	fallback any // the default; nil if there is none, or it is NULL
}

// kind is the kind of values in a column, by its type
// (https://sqlite.org/datatype3.html#determination_of_column_affinity), its default and
// its name.
func kind(c catalog.Column) string {
	typ, name := strings.ToUpper(c.Type), strings.ToLower(c.Name)
	has := func(list ...string) bool {
		for _, part := range list {
			if strings.Contains(typ, part) {
				return true
			}
		}
		return false
	}
	text := has("CHAR", "CLOB", "TEXT") || typ == "" || typ == "ANY"
	switch {
	case has("BOOL"), !text && flag.MatchString(name):
		return "flag"
	case strings.HasPrefix(strings.ToUpper(c.Default), "CURRENT_"), has("DATE", "TIME"), text && moment.MatchString(name):
		return "moment"
	case has("JSON"):
		return "json"
	case has("INT"):
		return "integer"
	case text && strings.Contains(name, "mail"):
		return "mail"
	case text:
		return "text"
	case has("BLOB"):
		return "blob"
	case has("REAL", "FLOA", "DOUB"):
		return "real"
	}
	return "number"
}

var (
	flag   = regex.New(`^(is|has|can)_`)
	moment = regex.New(`(^|_)(at|on|date|day|time|since|until|created|updated)$`)
)

// usual are values that a column may well have. Texts are unusual ones on purpose: a
// number with a leading zero, quotes, blanks at the ends, nothing.
var usual = map[string][]any{
	"flag":    {int64(0), int64(1)},
	"integer": {int64(1), int64(2), int64(0), int64(7), int64(-1), int64(100), int64(65536), int64(3_000_000_000)},
	"real":    {1.5, 0.0, -2.25, 1e10, 0.1},
	"number":  {int64(3), 1.5, int64(0), int64(-4), 19.99},
	"blob":    {[]byte("\x00\xff\x10"), []byte{}, []byte("text")},
	"moment":  {"2024-02-29 12:00:00", "1999-12-31 23:59:59", "2038-01-19 03:14:08", "2024-03-31 02:30:00"},
	"mail":    {"ada@example.com", " Grace@Example.com", "o'neill+x@example.co.uk", "zoë@example.com"},
	"json":    {`{}`, `[]`, `{"a": [1, null, "x"]}`, `null`},
	"text": {"Ada Lovelace", numeric, "O'Neill", " padded ", "", "Zoë van Dijk", "日本語", "x", "100", "a,b;\"c\"", "UPPER lower",
		"two\nlines", "50%_", "null", "👩‍🚀", "a very long text " + "that goes on and on, and on, and on, and on, and on, and on, and on, and on, and on"},
}

// numeric is a text that is a number, and loses its zero as one.
const numeric = "0171"

// draw returns a value for the n-th attempt. A row that is stuck is given what is
// avoided else.
func (p pool) draw(r *rand.Rand, n int, stuck bool) any {
	from := p.usual
	if len(p.literal) > 0 && r.IntN(2) == 0 {
		from = p.literal
	}
	switch v := from[r.IntN(len(from))].(type) {
	case pattern:
		return v.instance(r)
	case length:
		return letters(r, int(v), stuck && r.IntN(2) == 0)
	case string:
		if r.IntN(3) == 0 { // one that no other row has
			if i := strings.IndexByte(v, '@'); i > 0 {
				return fmt.Sprintf("%s%d%s", v[:i], n, v[i:])
			}
			switch usually := len(from) == len(p.usual); {
			case usually && strings.HasPrefix(v, "{"):
				return fmt.Sprintf(`{"n": %d}`, n)
			case usually && moments[v]:
				return fmt.Sprintf("20%02d-%02d-%02d %02d:00:00", n%38, 1+n%12, 1+n%28, n%24)
			}
			return fmt.Sprintf("%s %d", v, n)
		}
		return v
	case int64:
		if r.IntN(3) == 0 {
			return v + int64(n)
		}
		return v
	case float64: // beyond it, or between it and 0
		switch r.IntN(3) {
		case 0:
			return v + float64(n)
		case 1:
			return v * r.Float64()
		}
		return v
	case []byte:
		if r.IntN(3) == 0 {
			return fmt.Appendf(slices.Clone(v), "%d", n)
		}
		return v
	case size:
		return []byte(letters(r, int(v), false))
	default:
		return v
	}
}

var moments = func() map[string]bool {
	m := map[string]bool{}
	for _, v := range usual["moment"] {
		m[v.(string)] = true
	}
	return m
}()

// pattern is a pattern of GLOB or LIKE; a matching value is drawn. length is that of a
// text, and size that of a BLOB.
type (
	pattern string
	length  int
	size    int
)

// letters are upper only where nothing else would do: what a migration inserts,
// such as codes, is likely to be so.
func letters(r *rand.Rand, n int, upper bool) string {
	b := make([]byte, n)
	for i := range b {
		if b[i] = byte('a' + r.IntN(26)); upper {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// instance is a text that the pattern matches
// (https://sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators).
func (p pattern) instance(r *rand.Rand) string {
	var b strings.Builder
	text := []rune(string(p))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '*', '%':
			b.WriteString(letters(r, r.IntN(4), false))
		case '?', '_':
			b.WriteString(letters(r, 1, false))
		case '[':
			end := i + 1
			for end < len(text) && (text[end] != ']' || end == i+1) {
				end++
			}
			b.WriteRune(member(r, text[i+1:min(end, len(text))]))
			i = end
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// member is one of the characters that a set of GLOB names.
func member(r *rand.Rand, set []rune) rune {
	if len(set) == 0 || set[0] == '^' {
		return rune("~x7Q"[r.IntN(4)])
	}
	i := r.IntN(len(set))
	switch {
	case set[i] == '-' && i > 0 && i < len(set)-1:
		i--
		fallthrough
	case i+2 < len(set) && set[i+1] == '-':
		return set[i] + rune(r.IntN(max(1, int(set[i+2]-set[i])+1)))
	}
	return set[i]
}

var (
	quoted = regex.New(`'((?:[^']|'')*)'`)
	number = regex.New(`\b\d+(?:\.\d+)?\b`)
)

// checks are the expressions of the CHECKs of a table.
func checks(sql string) (list []string) {
	bare := quoted.Regexp().ReplaceAllStringFunc(sql, func(s string) string { return strings.Repeat("'", len(s)) })
	for _, at := range checkWord.Regexp().FindAllStringIndex(bare, -1) {
		depth, end := 1, at[1]
		for ; end < len(bare) && depth > 0; end++ {
			switch bare[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		list = append(list, sql[at[1]:end])
	}
	return list
}

var checkWord = regex.New(`(?i)\bCHECK\s*\(`)

// literals are the values that an expression suggests for a column of a kind.
func literals(sql, kind string) (list []any) {
	textual := kind == "text" || kind == "mail" || kind == "moment" || kind == "json"
	for _, m := range quoted.Regexp().FindAllStringSubmatch(sql, -1) {
		if s := strings.ReplaceAll(m[1], "''", "'"); textual {
			list = append(list, s)
			if strings.ContainsAny(s, "[?*%_") {
				list = append(list, pattern(s))
			}
		}
	}
	for _, m := range number.Regexp().FindAllString(quoted.ReplaceAllString(sql, "''"), -1) {
		n, err := strconv.ParseInt(m, 10, 64)
		switch f, _ := strconv.ParseFloat(m, 64); {
		case textual && err == nil && n <= 1000:
			list = append(list, length(n), length(n+1))
		case kind == "blob" && err == nil && n <= 1<<16:
			list = append(list, size(n), size(n+1))
		case textual, kind == "blob":
		case kind == "real" || err != nil:
			list = append(list, f)
		default:
			list = append(list, n, n+1, n-1)
		}
	}
	return list
}
