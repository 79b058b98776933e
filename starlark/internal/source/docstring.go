package source

import (
	"regexp"
	"strings"
	"sync"

	"go.starlark.net/syntax"
)

// Docstring returns the text that a file begins with, or "".
func Docstring(file *syntax.File) string {
	if len(file.Stmts) > 0 {
		if e, ok := file.Stmts[0].(*syntax.ExprStmt); ok {
			if l, ok := e.X.(*syntax.Literal); ok && l.Token == syntax.STRING {
				return l.Value.(string)
			}
		}
	}
	return ""
}

// ReadDoc splits a docstring in the style of Google
// (https://google.github.io/styleguide/pyguide.html#383-functions-and-methods) into its
// first line, the rest without its Args, and the Args by name.
func ReadDoc(doc string) (summary, rest string, args map[string]string) {
	lines := strings.Split(strings.TrimSpace(doc), "\n")
	summary = strings.TrimSpace(lines[0])
	indent := -1
	for _, l := range lines[1:] {
		if trimmed := strings.TrimLeft(l, " \t"); trimmed != "" && (indent < 0 || len(l)-len(trimmed) < indent) {
			indent = len(l) - len(trimmed)
		}
	}
	args = map[string]string{}
	var text []string
	inside, name := false, ""
	for _, l := range lines[1:] {
		l = strings.TrimRight(l[min(max(indent, 0), len(l)):], " \t\r")
		trimmed := strings.TrimSpace(l)
		switch {
		case l == "Args:":
			inside = true
		case inside && trimmed != "" && l == trimmed: // back at the margin
			inside = false
			text = append(text, l)
		case inside:
			if m := argument().FindStringSubmatch(trimmed); m != nil && (name == "" || !strings.HasPrefix(l, "      ")) {
				name = m[1]
				args[name] = m[2]
			} else if name != "" && trimmed != "" {
				args[name] = strings.TrimSpace(args[name] + " " + trimmed)
			}
		default:
			text = append(text, l)
		}
	}
	return summary, strings.TrimSpace(strings.Join(text, "\n")), args
}

var argument = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\*{0,2}(\w+)(?: \([^)]*\))?:\s*(.*)$`) })
