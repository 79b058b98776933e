// Package directive reads what the comments of a migration ask for, as "fastmigrate:
// isolated".
//
// The invariant: no comment that is addressed to the migrator is ignored silently.
package directive

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"fastmigrate/core/internal/split"
)

// NoForeignKeyCheck is the comment that sets Unchecked in a .sql migration.
const NoForeignKeyCheck = "-- fastmigrate: no foreign key check"

// Directives are what a migration asks for. The zero value asks for nothing.
type Directives struct {
	Isolated  bool      // it is a program that runs on a private copy of the database
	Unchecked bool      // it may add rows that violate foreign keys
	Ignored   []Ignored // comments that are addressed to the migrator, and have no effect
}

// Ignored is a comment without effect.
type Ignored struct {
	Offset int // in the text
	Text   string
	Why    string
}

// String gives the warning.
func (i Ignored) String() string { return fmt.Sprintf("the comment %q is ignored: %s", i.Text, i.Why) }

var (
	addressed   = regexp.MustCompile(`(?i)^fastmigrate[ \t]*:`)
	behindCode  = regexp.MustCompile(`(?i)\S.*#[ \t]*(fastmigrate[ \t]*:[^'"]*)$`)
	isolated    = regexp.MustCompile(`(?i)^isolated$`)
	noKeysCheck = regexp.MustCompile(`(?i)^no[ -]foreign[ -]keys?[ -]checks?$`)
)

// Read reads the directives of a migration; kind is its extension without the dot. In a
// .sql they are -- comments before the first statement, elsewhere # comments in the first
// ten lines.
func Read(kind string, text []byte) Directives {
	d := Directives{}
	if !bytes.Contains(text, []byte("astmigrate")) && !bytes.Contains(text, []byte("ASTMIGRATE")) {
		return d
	}
	list := hashed(kind, text)
	if kind == "sql" {
		list = dashed(text)
	}
	for _, c := range list {
		if c.why == "" {
			c.why = d.take(kind, c.text)
		}
		if c.why != "" {
			d.Ignored = append(d.Ignored, Ignored{c.at, c.text, c.why})
		}
	}
	return d
}

// comment is a comment that is addressed to the migrator.
type comment struct {
	at   int
	text string
	why  string // why it has no effect; "" if it may have one
}

// take sets what a comment asks for, or says why it is not understood.
func (d *Directives) take(kind, text string) string {
	_, text, _ = strings.Cut(text, ":")
	now := *d
	program := kind == "py" || kind == "sh"
	for said := range strings.SplitSeq(text, ",") {
		switch said = strings.TrimSpace(said); {
		case noKeysCheck.MatchString(said):
			now.Unchecked = true
		case program && isolated.MatchString(said):
			now.Isolated = true
		case program:
			return fmt.Sprintf(`in a .%s only "fastmigrate: isolated" and "fastmigrate: no foreign key check" are understood`, kind)
		default:
			return fmt.Sprintf(`in a .%s only "fastmigrate: no foreign key check" is understood`, kind)
		}
	}
	*d = now
	return ""
}

// dashed lists the comments of a .sql.
func dashed(text []byte) (list []comment) {
	for _, c := range split.Comments(text) {
		at, why, marks := c.Start, "", "-"
		switch {
		case text[at] == '/':
			why, marks = "it has to be a -- comment", "/*- \t"
		case c.Inside:
			why = "it has to be before the first statement"
		}
		for line := range strings.Lines(string(text[c.Start:c.End])) {
			said := strings.TrimSpace(strings.TrimLeft(line, marks))
			if marks != "-" {
				said = strings.TrimRight(said, marks)
			}
			if addressed.MatchString(said) {
				list = append(list, comment{at, said, why})
			}
			at += len(line)
		}
	}
	return list
}

// hashed lists the comments of another file.
func hashed(kind string, text []byte) (list []comment) {
	at, n, quote := 0, 0, "" // quote opens the string that the line is in
	for line := range strings.Lines(string(text)) {
		n++
		code := strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF"))
		c := comment{at, strings.TrimSpace(strings.TrimLeft(code, "#")), ""}
		switch behind := behindCode.FindStringSubmatch(code); {
		case addressed.MatchString(c.text) && quote != "":
			c.why = "it has to be a comment, and is in a string"
		case addressed.MatchString(c.text) && n > 10:
			c.why = "it has to be in the first ten lines"
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
