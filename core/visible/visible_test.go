package visible

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLineAndBlock(t *testing.T) {
	for _, test := range []struct{ text, line, block string }{
		{"", "", ""},
		{"plain ünïcode ✓ 日本　語 \\x1b", "plain ünïcode ✓ 日本　語 \\x1b", "plain ünïcode ✓ 日本　語 \\x1b"},
		{"a\n  indented", `a\n  indented`, "a\n  indented"},
		{"a\nhint: b\tc", `a\nhint: b\tc`, "a\n  hint: b\tc"},
		{"\x1b[2J\x1b]0;x\a\r\x00\x7f\b", `\x1b[2J\x1b]0;x\a\r\x00\x7f\b`, `\x1b[2J\x1b]0;x\a\r\x00\x7f\b`},
		{"\u009b2J \u0085 \x9b2J \xff", `\u009b2J \u0085 \x9b2J \xff`, `\u009b2J \u0085 \x9b2J \xff`},
		{"user\u202egnp.exe\u202c \u2066\u2069\u200f\u061c", `user\u202egnp.exe\u202c \u2066\u2069\u200f\u061c`, `user\u202egnp.exe\u202c \u2066\u2069\u200f\u061c`},
		{"a\u2028b\u2029c\u200bd\ufeffe\U000e0041", `a\u2028b\u2029c\u200bd\ufeffe\U000e0041`, `a\u2028b\u2029c\u200bd\ufeffe\U000e0041`},
		{"می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"}, // joiners are spelling
	} {
		if got := Line(test.text); got != test.line || Line(got) != got {
			t.Errorf("Line(%q) = %q, want %q", test.text, got, test.line)
		}
		if got := Block(test.text); got != test.block {
			t.Errorf("Block(%q) = %q, want %q", test.text, got, test.block)
		}
	}
}

func TestMessage(t *testing.T) {
	for text, want := range map[string]string{
		"a\n  b\n    c\td": "a\n  b\n    c\td", "a\nhint: b\n  c": "a\\nhint: b\n  c", "a\n\x1b": `a\n\x1b`, "a\n": `a\n`, "a\n b": `a\n b`,
	} {
		if got := Message(text); got != want {
			t.Errorf("Message(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestJSON: what is escaped is the same value.
func TestJSON(t *testing.T) {
	const value = "a\x1b\x7f\u009b\u202e\U000e0041\u2028 ü✓😀\n"
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	shown := JSON(text)
	var back string
	if err := json.Unmarshal(shown, &back); err != nil || back != value || Line(string(shown)) != string(shown) || !strings.Contains(string(shown), "ü✓😀") {
		t.Errorf("%s: %v %q", shown, err, back)
	}
}

// TestProgramOutputInAnyPieces: in one write, and cut at every byte.
func TestProgramOutputInAnyPieces(t *testing.T) {
	const red, reset = "\x1b[31m", "\x1b[0m"
	for _, test := range []struct{ name, text, want string }{
		{"plain", "a ✓\tb\r50%\rc\n", "a ✓\tb\r50%\rc\n"},
		{"colour", red + "a" + reset + "b\n", red + "a" + reset + "b\n"},
		{"colours", "\x1b[1;38;5;200m\x1b[4:3ma\x1b[mb\n", "\x1b[1;38;5;200m\x1b[4:3ma\x1b[mb\n"},
		{"cursor", "a\x1b[2J\x1b[1A\x1b[10;20Hb\x1b[?1049hc\x1b7\x1b8\x1bcd\n", "abcd\n"},
		{"modes like a colour", "\x1b[>4;2mq\x1b[?4mq\n", "qq\n"},
		{"title", "\x1b]0;title\ab\x1b]0;title\x1b\\c\n", "bc\n"},
		{"clipboard", "\x1b]52;c;aGk=\ab\n", "b\n"},
		{"hyperlink", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", "link\n"},
		{"queries", "\x1b[6n\x1b[c\x1b[>q\x1bP$qm\x1b\\\x1bZ\x05x\n", "x\n"},
		{"8 bits", "\u009b2Ja\u009d0;t\u009cb\u0090q\x1b\\c\n", "abc\n"},
		{"charsets", "\x1b(0a\x1b(Bb\x0e\x0f\n", "ab\n"},
		{"others", "a\bb\ac\vd\fe\x00f\x7fg\n", "abcdefg\n"},
		{"no UTF-8", "a\xffb\x9b2J\n", `a\xffb\x9b2J` + "\n"},
		{"directions", "a\u202eb\n", `a\u202eb` + "\n"},
		{"no end", "\x1b]0;a\nb\n", "\nb\n"},
		{"broken", "\x1b[31\nm\x1b\nb\n", "\nm\nb\n"},
		{"a sequence in another", "\x1b]0;x\x1b[2Jb\x1b[\x1b[2Jc\n", "bc\n"},
	} {
		var whole bytes.Buffer
		if n, err := Programs(&whole).Write([]byte(test.text)); n != len(test.text) || err != nil || whole.String() != test.want {
			t.Errorf("%s: %q, want %q (%d, %v)", test.name, whole.String(), test.want, n, err)
		}
		var cut bytes.Buffer
		w := Programs(&cut)
		for i := range len(test.text) {
			w.Write([]byte{test.text[i]})
		}
		if got, want := bare(cut.String()), bare(test.want); got != want {
			t.Errorf("%s, cut: %q, want %q", test.name, got, want)
		}
	}
}

// bare is a text without colours.
func bare(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\x1b' {
			for text[i] != 'm' {
				i++
			}
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// TestProgramsColour: what is printed in between is in no colour.
func TestProgramsColour(t *testing.T) {
	var b bytes.Buffer
	w := Programs(&b)
	w.Write([]byte("\x1b[8mhidden\n"))
	b.WriteString("fastmigrate: seen\n")
	w.Write([]byte("still\x1b[0m\n"))
	if want := "\x1b[8mhidden\x1b[0m\nfastmigrate: seen\n\x1b[8mstill\x1b[0m\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

// FuzzPrograms: whatever is printed, and however it is cut, no more than colours
// and the ends of lines control the terminal.
func FuzzPrograms(f *testing.F) {
	f.Add([]byte("\x1b[31ma\x1b]0;t\a\u009b2J"), 3)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		var b bytes.Buffer
		w := Programs(&b)
		at = max(0, min(at, len(text)))
		w.Write(text[:at])
		w.Write(text[at:])
		for rest := b.String(); rest != ""; {
			if n := colourAt(rest); n > 0 {
				rest = rest[n:]
				continue
			}
			r, n := utf8.DecodeRuneInString(rest)
			if r == utf8.RuneError && n == 1 || r != '\n' && r != '\r' && r != '\t' && hidden(r) {
				t.Fatalf("%q gives %q", text, b.String())
			}
			rest = rest[n:]
		}
	})
}

func colourAt(text string) int {
	rest, ok := strings.CutPrefix(text, "\x1b[")
	if !ok {
		return 0
	}
	rest = strings.TrimLeft(rest, "0123456789;:")
	if !strings.HasPrefix(rest, "m") {
		return 0
	}
	return len(text) - len(rest) + 1
}
