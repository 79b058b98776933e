package core

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	"fastmigrate/core/internal/split"
)

// text reads a migration that is about to run, and warns of one that does nothing.
func (r *run) text(ctx context.Context, m Migration) ([]byte, error) {
	text, err := read(ctx, r.fsys, m)
	if err == nil && idle(m.Kind(), text) {
		r.o.log().Warn(m.Name + " does nothing: it will count as applied")
	}
	return text, err
}

// passes is a function migrate that only passes.
var passes = regexp.MustCompile(`(?s)^def migrate\(\w+\):\s*("""[^"]*"""|"[^"\n]*")?\s*(pass|return|return None)?$`)

// idle reports whether a migration was never written: it has no statement, or it
// is what NewMigration wrote.
func idle(kind string, text []byte) bool {
	if kind == "sql" {
		_, some := split.New(text).Next()
		return !some
	}
	code := uncommented(string(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	return code == "" || code == uncommented(skeletons[kind]) || kind == "star" && passes.MatchString(code)
}

// uncommented is a program without lines that are only a comment, or blank.
func uncommented(text string) string {
	var code []string
	for line := range strings.Lines(text) {
		if word := strings.TrimSpace(line); word != "" && word[0] != '#' {
			code = append(code, strings.TrimRight(line, " \t\r\n"))
		}
	}
	return strings.TrimSpace(strings.Join(code, "\n"))
}
