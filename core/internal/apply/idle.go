package apply

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"

	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
)

// readText reads a migration that is about to run, and warns of one that does nothing, and
// of comments in it that are meant to do something and do not. To refuse those would
// be to refuse, in a new database, what others have applied and is not to be edited.
func (r *Run) readText(ctx context.Context, m naming.Migration) ([]byte, error) {
	text, err := naming.Read(ctx, r.Fsys, m)
	if err != nil {
		return text, err
	}
	if idle(m.Kind(), text) {
		r.Log().Warn(m.Name + " does nothing: it will count as applied")
	}
	for _, i := range directive.Read(m.Kind(), text).Ignored {
		at := (&plan.Script{Name: m.Name, Text: text}).At(i.Offset, nil)
		r.WarnOnce(fmt.Sprintf("%s:%d:%d: %v", m.Name, at.Line, at.Column, i))
	}
	return text, nil
}

// emptyMigrate is a function migrate that only passes.
var emptyMigrate = regexp.MustCompile(`(?s)^def migrate\(\w+\):\s*("""[^"]*"""|"[^"\n]*")?\s*(pass|return|return None)?$`)

// idle reports whether a migration was never written: it has no statement, or it
// is what NewMigration wrote.
func idle(kind string, text []byte) bool {
	if kind == "sql" {
		_, some := split.New(text).Next()
		return !some
	}
	code := uncommented(string(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	return code == "" || code == uncommented(naming.Skeletons[kind]) || kind == "star" && emptyMigrate.MatchString(code)
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
