package split

import (
	"slices"
	"strings"
)

// Words knows the keywords of SQL, in any case, and which of them can be a name where
// their meaning makes no sense (KEY, ROWS, TEMP).
type Words struct {
	Keyword func(word string) bool
	Name    func(keyword string) bool
}

// Normal returns a statement in one spelling: without comments, with one space between
// tokens, keywords and SQLite's own types in upper case, no quotes around names that need
// none, and in the definition of a table or an index double quotes around others. It is a text to compare, not to run. The case of other names stays, since
// columns of a result have it. A keyword that is a name looks like any other keyword:
// [Same] tells them apart.
func Normal(statement []byte, w Words) string {
	var b strings.Builder
	for _, t := range spelled(statement, w) {
		b.WriteString(t.space + t.text)
	}
	return b.String()
}

// Fold is [Normal], but equal for all statements that are the [Same].
func Fold(statement []byte, w Words) string {
	var b strings.Builder
	for _, t := range spelled(statement, w) {
		if t.name != "" {
			t.text = strings.ToUpper(t.name)
		}
		b.WriteString(t.space + t.text)
	}
	return b.String()
}

// Same reports whether two statements have the same spelling, or differ only in the
// quotes around a name.
func Same(a, b []byte, w Words) bool {
	return slices.EqualFunc(spelled(a, w), spelled(b, w), func(p, q spelling) bool {
		return p.space == q.space && (p.text == q.text || p.name == q.name && p.name != "")
	})
}

// spelling is a token in its one spelling.
type spelling struct {
	space string // before it
	text  string
	name  string // of a word that may be a keyword or a name: as it stands there, without quotes
}

func spelled(statement []byte, w Words) (list []spelling) {
	s := Scanner{text: statement}
	end, before, named := -1, "", false // where the last token ends, its text, and whether it is a name
	for t := s.token(); t.kind != eof && t.kind != semi; t = s.token() {
		if t.kind == blank {
			continue
		}
		raw := string(statement[t.start:t.end])
		x := spelling{text: raw}
		isName := t.kind == word || t.kind == quoted
		switch t.kind {
		case word:
			switch keyword := w.Keyword(raw); {
			case keyword:
				x.text = strings.ToUpper(raw)
				isName = w.Name(raw) && (before == "(" || before == ",") // as of a column
				if nameable(raw, list, s, w) {
					x.name = raw
				}
			case named && types[strings.ToUpper(raw)]: // which follow a column
				x.text = strings.ToUpper(raw)
			}
		case quoted:
			name := unquote([]byte(raw))
			// Unlike true, "true" is a name (https://sqlite.org/lang_expr.html).
			switch literal := strings.EqualFold(name, "true") || strings.EqualFold(name, "false"); {
			case plain(name) && !w.Keyword(name) && !literal:
				x.text = name
			case plain(name) && !literal && nameable(name, list, s, w):
				x.name = name
			case resolved(list): // as ALTER TABLE ... RENAME writes it
				x.text = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			}
		}
		blob := t.kind == str && t.start == end && strings.EqualFold(string(statement[end-1:end]), "x")
		if len(list) > 0 && !blob { // x'00' is one thing, x '00' are two
			x.space = " "
		}
		list = append(list, x)
		end, before, named = t.end, x.text, isName
	}
	return list
}

// resolved reports whether tokens begin the definition of a table or an index. Their names
// are found when it is made; in a view, "x" may be a string where [x] is a name
// (https://sqlite.org/quirks.html#double_quoted_string_literals_are_accepted).
func resolved(list []spelling) bool {
	return len(list) > 1 && list[0].text == "CREATE" && slices.ContainsFunc(list[1:min(3, len(list))], func(x spelling) bool { return x.text == "TABLE" || x.text == "INDEX" })
}

// nameable reports whether a keyword after the tokens of the list means the same with and
// without quotes; rest begins after it. SQLite takes a keyword for a name only where its
// meaning makes no sense. The keywords in apart have a meaning where a name has one too.
func nameable(keyword string, list []spelling, rest Scanner, w Words) bool {
	keyword = strings.ToUpper(keyword)
	before := ""
	if len(list) > 0 {
		before = list[len(list)-1].text
	}
	switch {
	case !w.Name(keyword):
		return false
	case !apart[keyword]:
		return true
	case slices.Contains([]string{".", "TABLE", "EXISTS", "VIEW", "INDEX", "TRIGGER", "INTO", "UPDATE", "REFERENCES"}, before):
		return true
	case before == "ON" && slices.ContainsFunc(list[:min(3, len(list))], func(x spelling) bool { return x.text == "INDEX" }):
		return true
	case strings.HasPrefix(keyword, "CURRENT_"), keyword == "RAISE" && rest.calls(), keyword == "UNBOUNDED" && (before == "BETWEEN" || before == "AND"):
		return false
	}
	reserved := w.Keyword(before) && !w.Name(before)
	return reserved || before != "" && strings.Contains("(,=<>|+-*/%&!", before[:1])
}

// calls reports whether a parenthesis comes next.
func (s Scanner) calls() bool {
	t := s.solid()
	return t.kind == other && s.text[t.start] == '('
}

// apart are keywords in whose place a name means something else: DEFAULT "current_date"
// is a text, and a "left" JOIN b is no LEFT JOIN.
var apart = map[string]bool{
	"CROSS": true, "FULL": true, "INNER": true, "LEFT": true, "NATURAL": true, "OUTER": true, "RIGHT": true,
	"CURRENT_DATE": true, "CURRENT_TIME": true, "CURRENT_TIMESTAMP": true,
	"RAISE": true, "UNBOUNDED": true, "GENERATED": true, "ALWAYS": true,
}

// types are the types whose spelling SQLite does not keep.
var types = map[string]bool{"ANY": true, "BLOB": true, "INT": true, "INTEGER": true, "REAL": true, "TEXT": true}

// plain reports whether the characters of a name need no quotes.
func plain(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isName(c) || c >= 0x80 || i == 0 && c >= '0' && c <= '9' || c == '$' {
			return false
		}
	}
	return name != ""
}
