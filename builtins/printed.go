package builtins

import (
	"bytes"
	"fmt"
	"strings"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// printed is what a program prints: all of it up to maxRead, and of more the end,
// which tells why a program failed.
type printed struct {
	text bytes.Buffer // nothing once it was too much
	last []byte
	size int64
}

// kept is how much of the end is kept.
const kept = 64 << 10

func (p *printed) Write(b []byte) (int, error) {
	if p.size += int64(len(b)); p.size <= maxRead {
		p.text.Write(b)
	} else {
		p.text = bytes.Buffer{}
	}
	p.last = append(p.last, b[max(0, len(b)-kept):]...)
	if over := len(p.last) - kept; over > kept {
		p.last = append(p.last[:0], p.last[over:]...)
	}
	return len(b), nil
}

// value is the text; what was too much for one is an error where it is used.
func (p *printed) value(stream string) any {
	if p.size <= maxRead {
		return strings.ToValidUTF8(p.text.String(), "\uFFFD")
	}
	return tooLong{stream, p.size}
}

// tooLong replaces a text that is not kept. Its only use is to say so.
type tooLong struct {
	stream string
	size   int64
}

func (t tooLong) Unreadable() error {
	return &host.Error{Kind: "usage", Message: fmt.Sprintf("sh: %s has %d bytes, more than the %d MB that a workflow can read", t.stream, t.size, maxRead>>20),
		Hint: "let the program write to a file"}
}

func (t tooLong) String() string        { return fmt.Sprintf("(%d bytes)", t.size) }
func (t tooLong) Type() string          { return "string" }
func (t tooLong) Freeze()               {}
func (t tooLong) Truth() starlark.Bool  { return true }
func (t tooLong) Hash() (uint32, error) { return 0, t.Unreadable() }
