// Package directive reads what the comments of a migration ask for, as "fastmigrate:
// isolated" or "fastmigrate: accept destructive".
//
// The invariant: no comment that is addressed to the migrator is ignored silently.
package directive

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/regex"
)

// NoForeignKeyCheck is the comment that sets Unchecked in a .sql migration.
const NoForeignKeyCheck = "-- fastmigrate: no foreign key check"

// Directives are what a migration asks for. The zero value asks for nothing.
type Directives struct {
	Isolated  bool      // it is a program that runs on a private copy of the database
	Unchecked bool      // it may add rows that violate foreign keys
	Accepts   []Accept  // findings that are meant, in the order of the text
	Unknown   []Unknown // codes of findings that do not exist
	Ignored   []Ignored // comments that are addressed to the migrator, and have no effect
}

// Accept is the code of findings that a comment accepts.
type Accept struct {
	Code   finding.Code
	Offset int // of the comment in the text

	// Statement is where the statement begins that it stands in or above, if it accepts only
	// what that does; -1: all that the file does.
	Statement int
}

// Accepted reports whether findings with a code are meant in the statement that begins
// between two bytes of the text.
func (d Directives) Accepted(code finding.Code, from, end int) bool {
	return slices.ContainsFunc(d.Accepts, func(a Accept) bool {
		return a.Code == code && (a.Statement < 0 || from <= a.Statement && a.Statement < end)
	})
}

// Unknown is a code that a comment wants to accept, and that does not exist.
type Unknown struct {
	Offset int // of the comment in the text
	Code   string
}

// String says what is wrong.
func (u Unknown) String() string {
	var all []string
	for _, c := range finding.Codes {
		all = append(all, string(c))
	}
	return fmt.Sprintf("there is no finding with the code %q: this comment needs codes, separated by commas, and nothing else in the line; the codes are %s", u.Code, strings.Join(all, ", "))
}

// Ignored is a comment without effect.
type Ignored struct {
	Offset int // in the text
	Text   string
	Why    string
}

// String returns the warning.
func (i Ignored) String() string { return fmt.Sprintf("the comment %q is ignored: %s", i.Text, i.Why) }

var (
	addressed   = regex.New(`(?i)^fastmigrate[ \t]*:`)
	behindCode  = regex.New(`(?i)\S.*#[ \t]*(fastmigrate[ \t]*:[^'"]*)$`)
	isolated    = regex.New(`(?i)^isolated$`)
	accepts     = regex.New(`(?i)^accepts?\b[ \t]*`)
	noKeysCheck = regex.New(`(?i)^no[ -]foreign[ -]keys?[ -]checks?$`)
)

// Read reads the directives of a migration; kind is its extension without the dot. In a
// .sql they are -- comments before the first statement, elsewhere # comments in the first
// ten lines.
func Read(kind string, text []byte) Directives {
	d := Directives{}
	if !bytes.Contains(text, []byte("igrate")) && !bytes.Contains(text, []byte("IGRATE")) { // as in FastMigrate
		return d
	}
	list := hashed(kind, text)
	if kind == "sql" {
		list = dashed(text)
	}
	for _, c := range list {
		if c.why == "" {
			c.why = d.take(kind, c)
		}
		if c.why != "" {
			d.Ignored = append(d.Ignored, Ignored{c.at, c.text, c.why})
		}
	}
	return d
}

// comment is a comment that is addressed to the migrator.
type comment struct {
	at     int
	text   string
	why    string // why it has no effect; "" if it may have one
	behind bool   // of a .sql: something stands before it in its line
	last   bool   // of a .sql: no statement follows, and it is in none

	statement int // of a .sql, if one begins before the comment: where that begins which it stands in or above; else -1
}

// take sets what a comment asks for, or says why it is not understood.
func (d *Directives) take(kind string, c comment) string {
	_, text, _ := strings.Cut(c.text, ":")
	now := *d
	program := kind == "py" || kind == "sh"
	accepting := false
	for said := range strings.SplitSeq(text, ",") {
		said = strings.TrimSpace(said)
		if accepts.MatchString(said) {
			accepting, said = true, accepts.ReplaceAllString(said, "")
		}
		switch code := finding.Code(strings.ToLower(said)); {
		case accepting && c.statement >= 0 && c.behind:
			return "it must be on a line of its own, above its statement"
		case accepting && c.last:
			return "no statement follows it: it must be above one, or before the first"
		case accepting && code.Known():
			now.Accepts = append(now.Accepts, Accept{code, c.at, c.statement})
		case accepting:
			now.Unknown = append(now.Unknown, Unknown{c.at, said})
		case c.statement >= 0:
			return "it must be before the first statement"
		case noKeysCheck.MatchString(said):
			now.Unchecked = true
		case program && isolated.MatchString(said):
			now.Isolated = true
		case program:
			return fmt.Sprintf(`in a .%s only "fastmigrate: isolated", "fastmigrate: no foreign key check" and "fastmigrate: accept" with codes are understood`, kind)
		default:
			return fmt.Sprintf(`in a .%s only "fastmigrate: no foreign key check" and "fastmigrate: accept" with codes are understood`, kind)
		}
	}
	*d = now
	return ""
}

// dashed lists the comments of a .sql.
func dashed(text []byte) (list []comment) {
	for _, c := range split.Comments(text) {
		at, why, marks := c.Start, "", "-"
		if text[at] == '/' {
			why, marks = "it must be a -- comment", "/*- \t"
		}
		behind := len(bytes.TrimSpace(text[bytes.LastIndexByte(text[:at], '\n')+1:at])) > 0
		for line := range strings.Lines(string(text[c.Start:c.End])) {
			said := strings.TrimSpace(strings.TrimLeft(line, marks))
			if marks != "-" {
				said = strings.TrimRight(said, marks)
			}
			if addressed.MatchString(said) {
				one := comment{at: at, text: said, why: why, behind: behind, statement: -1}
				if c.Inside {
					one.statement = statementAt(text, at)
					one.last = one.statement == len(text)
				}
				list = append(list, one)
			}
			at += len(line)
		}
	}
	return list
}

// statementAt returns where the first statement begins that ends behind the byte at; the end
// of the text if none does.
func statementAt(text []byte, at int) int {
	for sc := split.New(text); ; {
		st, ok := sc.Next()
		switch {
		case !ok:
			return len(text)
		case st.End > at:
			return st.Start
		}
	}
}

// hashed lists the comments of another file.
func hashed(kind string, text []byte) (list []comment) {
	at, n, quote := 0, 0, "" // quote opens the string that the line is in
	for line := range strings.Lines(string(text)) {
		n++
		code := strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF"))
		c := comment{at: at, text: strings.TrimSpace(strings.TrimLeft(code, "#")), statement: -1}
		switch behind := behindCode.FindStringSubmatch(code); {
		case addressed.MatchString(c.text) && quote != "":
			c.why = "it must be a comment, but is in a string"
		case addressed.MatchString(c.text) && n > 10:
			c.why = "it must be in the first ten lines"
		case code == "" || code[0] == '#' || quote != "":
		case behind != nil:
			c.text, c.why = behind[1], "it has to be on a line of its own"
		}
		if addressed.MatchString(c.text) && (code[0] == '#' || c.why != "") {
			list = append(list, c)
		}
		if kind != "sh" && (quote != "" || !strings.HasPrefix(code, "#")) {
			quote = open(quote, code)
		}
		at += len(line)
	}
	return list
}

// open is the triple quote of the string that is open after a line; "" if none is.
func open(quote, line string) string {
	for {
		if quote == "" {
			i := strings.IndexAny(line, `"'`)
			if i < 0 {
				return ""
			}
			if line = line[i:]; !strings.HasPrefix(line, `"""`) && !strings.HasPrefix(line, `'''`) {
				line = line[1:]
				continue
			}
			quote, line = line[:3], line[3:]
		}
		_, rest, closed := strings.Cut(line, quote)
		if !closed {
			return quote
		}
		quote, line = "", rest
	}
}
