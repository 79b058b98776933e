package apply

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/regex"
)

// readText reads a migration that is about to run. It warns of one that does nothing, and
// of directives in it that are ignored. It refuses neither: other databases may have
// applied the file, which must not be edited then. It refuses a finding to accept that does
// not exist.
func (r *Run) readText(ctx context.Context, m naming.Migration) ([]byte, error) {
	text, err := r.ahead.read(ctx, r.Fsys, m)
	if err != nil {
		return text, err
	}
	if idle(m.Kind(), text) {
		r.Log().Warn(m.Name + " does nothing: it will count as applied")
	}
	says, s := directive.Read(m.Kind(), text), &plan.Script{Name: m.Name, Text: text}
	if len(says.Unknown) > 0 {
		u := says.Unknown[0]
		return nil, s.At(u.Offset, fault.Of(fault.ErrRefused, "%v", u))
	}
	for _, i := range says.Ignored {
		at := s.At(i.Offset, nil)
		r.WarnOnce(fmt.Sprintf("%s:%d:%d: %v", m.Name, at.Line, at.Column, i))
	}
	return text, nil
}

// emptyMigrate is a function migrate that does nothing.
var emptyMigrate = regex.New(`(?s)^def migrate\(\w+\):\s*("""[^"]*"""|"[^"\n]*")?\s*(pass|return|return None)?$`)

// idle reports whether a migration does nothing: it has no statement, or is the skeleton of
// a new one.
func idle(kind string, text []byte) bool {
	if kind == "sql" {
		_, some := split.New(text).Next()
		return !some
	}
	code := uncommented(string(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	return code == "" || code == uncommented(naming.Skeletons[kind]) || kind == "star" && emptyMigrate.MatchString(code)
}

// uncommented is a program without blank lines and those that are only a comment.
func uncommented(text string) string {
	var code []string
	for line := range strings.Lines(text) {
		if word := strings.TrimSpace(line); word != "" && word[0] != '#' {
			code = append(code, strings.TrimRight(line, " \t\r\n"))
		}
	}
	return strings.TrimSpace(strings.Join(code, "\n"))
}
