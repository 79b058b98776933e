// Package visible makes text from other sources safe for a terminal. Names, values, SQL
// and the output of programs can control the terminal, reverse the direction of text, or
// imitate a line of another program. The functions escape such characters as Go and
// Python write them: \x1b, \r, \u202e.
//
//	fmt.Println("table " + visible.Line(name))
//
// The invariant: text without such characters stays unchanged.
package visible

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Count returns a number of things as "1 row" or "2 rows"; the plural of thing must end
// in s.
func Count(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.FormatInt(n, 10) + " " + thing
}

// Line escapes text that is printed within one line.
func Line(text string) string { return escape(text, hidden) }

// Text escapes text but keeps line breaks and tabs. Its lines can look like those of
// another program, so use it only for texts that are printed alone, such as a result.
func Text(text string) string {
	return escape(text, func(r rune) bool { return r != '\n' && r != '\t' && hidden(r) })
}

// Block is like [Text], but indents all lines except the first, unless they already are.
func Block(text string) string {
	return lines(text, func(line string) string {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			return "\n" + line
		}
		return "\n  " + line
	})
}

// Message escapes a message of one line that may be followed by indented lines. Line
// breaks before lines that are not indented are escaped, as in [Line].
func Message(text string) string {
	return lines(text, func(line string) string {
		if strings.HasPrefix(line, "  ") {
			return "\n" + line
		}
		return `\n` + line
	})
}

// lines is [Text] with next applied to all lines but the first, with its line break.
func lines(text string, next func(line string) string) string {
	first, rest, more := strings.Cut(Text(text), "\n")
	var b strings.Builder
	b.WriteString(first)
	for more {
		var line string
		line, rest, more = strings.Cut(rest, "\n")
		b.WriteString(next(line))
	}
	return b.String()
}

// JSON escapes characters that its encoder leaves unescaped in a JSON text. The result is
// JSON with the same values.
func JSON(text []byte) []byte {
	if !strings.ContainsFunc(string(text), func(r rune) bool { return r >= 0x7F && hidden(r) }) {
		return text
	}
	var b []byte
	for _, r := range string(text) {
		if r < 0x7F || !hidden(r) {
			b = utf8.AppendRune(b, r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			b = fmt.Appendf(b, `\u%04x`, u)
		}
	}
	return b
}

// hidden reports whether a terminal does not show r as what it is: controls, line breaks,
// marks of direction, and characters without width that no language needs.
func hidden(r rune) bool {
	switch {
	case r < 0x7F:
		return r < ' '
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return true
	case r == 0x200B, r >= 0x2028 && r <= 0x2029, r >= 0x2060 && r <= 0x206F, r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB:
		return true
	}
	return r >= 0xE0000 && r <= 0xE007F
}

func escape(text string, which func(rune) bool) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, which) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[0]), 16))
		case which(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// Results returns a writer that escapes results like [Text] and writes them to w.
func Results(w io.Writer) io.Writer { return results{w} }

type results struct{ w io.Writer }

func (r results) Write(p []byte) (int, error) {
	if _, err := io.WriteString(r.w, Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Name is like [Line] for the name of an object in a schema; an empty name becomes two
// quotes.
func Name(name string) string {
	if name == "" {
		return `""`
	}
	return Line(name)
}
