package visible

import (
	"bytes"
	"io"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Programs returns a writer for the output of a running program. It keeps colours,
// carriage returns and tabs, and drops everything else that controls a terminal, however
// the output is split into writes. It ends a colour after each write and sets it again in
// the next, so that nothing else is printed in it.
func Programs(w io.Writer) io.Writer { return &programs{w: w} }

type programs struct {
	w        io.Writer
	state    state
	held     []byte // the beginning of a character
	sequence []byte // its parameters, so far
	length   int    // of a command that is dropped
	colour   []byte // the sequences that are in force
}

// state is where in a sequence for a terminal the text is (ECMA-48).
type state int

const (
	text    state = iota
	escaped       // after ESC
	control       // after ESC [
	command       // after ESC ] and its kind: up to BEL or ESC \
	ending        // after an ESC in there
)

// longest is the longest sequence that is dropped: one without an end must not swallow
// all that follows.
const longest = 4 << 10

func (p *programs) Write(b []byte) (int, error) {
	out := bytes.Clone(p.colour)
	rest := append(p.held, b...)
	for len(rest) > 0 && utf8.FullRune(rest) {
		r, n := utf8.DecodeRune(rest)
		out = p.next(out, r, rest[:n])
		rest = rest[n:]
	}
	p.held = bytes.Clone(rest)
	if len(p.colour) > 0 {
		line, ended := bytes.CutSuffix(out, []byte("\n"))
		out = append(line, "\x1b[0m"...)
		if ended {
			out = append(out, '\n')
		}
	}
	if _, err := p.w.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// next adds to out what remains of the character r.
func (p *programs) next(out []byte, r rune, raw []byte) []byte {
	was := p.state
	p.state = text
	switch was {
	case escaped:
		switch {
		case r == '[':
			p.state, p.sequence = control, p.sequence[:0]
		case bytes.ContainsRune([]byte("]PX^_"), r):
			p.state, p.length = command, 0
		case r == '\x1b', r >= ' ' && r <= '/':
			p.state = escaped
		case r < ' ':
			return p.next(out, r, raw)
		}
		return out
	case control:
		switch {
		case r >= ' ' && r <= '?' && len(p.sequence) < longest:
			p.state, p.sequence = control, append(p.sequence, byte(r))
		case r == 'm' && len(bytes.Trim(p.sequence, "0123456789;:")) == 0:
			return p.paint(out)
		case r < '@' || r > '~':
			return p.next(out, r, raw)
		}
		return out
	case command:
		p.length++
		switch {
		case r == '\n' || p.length > longest:
			return p.next(out, r, raw)
		case r == '\x1b':
			p.state = ending
		case r != '\a' && r != 0x9C:
			p.state = command
		}
		return out
	case ending:
		if r == '\\' {
			return out
		}
		p.state = escaped
		return p.next(out, r, raw)
	}
	switch {
	case r == '\x1b':
		p.state = escaped
	case r == 0x9B:
		p.state, p.sequence = control, p.sequence[:0]
	case r == 0x90, r == 0x98, r >= 0x9D && r <= 0x9F:
		p.state, p.length = command, 0
	case r == utf8.RuneError && len(raw) == 1:
		out = append(out, `\x`+strconv.FormatUint(uint64(raw[0]), 16)...)
	case r == '\n' || r == '\r' || r == '\t':
		out = append(out, raw...)
	case !unicode.IsControl(r):
		out = append(out, Line(string(r))...)
	}
	return out
}

// paint adds the colour that the sequence names, or the end of all colours.
func (p *programs) paint(out []byte) []byte {
	code := "\x1b[" + string(p.sequence) + "m"
	switch {
	case len(bytes.Trim(p.sequence, "0;")) == 0:
		p.colour = p.colour[:0]
	case len(p.colour)+len(code) > 256:
		p.colour = append(p.colour[:0], code...)
	default:
		p.colour = append(p.colour, code...)
	}
	return append(out, code...)
}
