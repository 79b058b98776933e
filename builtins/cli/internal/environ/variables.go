// Files of environment variables, as dbmate and docker compose read them: NAME=value, with
// export before it or not, in quotes or not, and comments. The rules are those of
// https://github.com/joho/godotenv, but a line that it would misread is an error. The
// invariant: no error shows a value, nor a part of one, since it may be a password.

package environ

import (
	"errors"
	"strings"
	"unicode/utf8"

	"fastmigrate/builtins/cli/internal/config"
	"fastmigrate/core/regex"
)

// variable is an environment variable of a file.
type variable struct {
	Name, Value  string
	Line, Column int // of the value, from 1
}

var (
	blank   = regex.New(`^[ \t]*(?:#[^\n]*)?(?:\n|$)`)
	entry   = regex.New(`^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*[=:](?:[ \t]*(?s:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')[ \t]*(?:#[^\n]*)?|([^\n]*))(?:\n|$)`)
	comment = regex.New(`[ \t]#.*$`)
	part    = regex.New(`(?s)\\(.)|\$([A-Z_][A-Z0-9_]*)|\$\{([A-Z_][A-Z0-9_]*)\}`)
)

// parse reads the text of the file name. $NAME and ${NAME} in a value that is not in
// single quotes are variables above it in the file, or else those that lookup finds. If a
// name stands twice, the last counts. All errors are a
// [config.Error].
func parse(name string, data []byte, lookup func(string) (string, bool)) ([]variable, error) {
	text := strings.ReplaceAll(strings.ToValidUTF8(strings.TrimPrefix(string(data), "\ufeff"), "\x00"), "\r\n", "\n")
	place := func(at int) (line, column int) {
		before := text[:at]
		return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	}
	fail := func(at int, why string) error {
		line, column := place(at)
		return &config.Error{File: name, Line: line, Column: column, Err: errors.New(why)}
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, fail(i, "there is a NUL byte, or something else than UTF-8")
	}
	var list []variable
	known := map[string]string{}
	for at := 0; at < len(text); {
		rest := text[at:]
		if n := len(blank.Regexp().FindString(rest)); n > 0 {
			at += n
			continue
		}
		m := entry.Regexp().FindStringSubmatchIndex(rest)
		if m == nil {
			return nil, fail(at, "a line is NAME=value, or a comment that begins with #")
		}
		kind := 2 // of the value: in double quotes, in single quotes, plain
		for m[2*kind] < 0 {
			kind++
		}
		value, start := rest[m[2*kind]:m[2*kind+1]], at+m[2*kind]
		if kind == 4 {
			value = comment.ReplaceAllString(value, "")
			start += len(value) - len(strings.TrimLeft(value, " \t"))
			if value = strings.TrimSpace(value); strings.IndexAny(value, `"'`) == 0 {
				return nil, fail(start, "this quote does not end, or something else than a comment follows its end")
			}
		}
		if kind != 3 {
			var unset int
			if value, unset = expand(value, kind == 2, known, lookup); unset >= 0 {
				return nil, fail(start+unset, `the variable is not set; for a dollar sign, write \$ or put the value in single quotes`)
			}
		}
		known[rest[m[2]:m[3]]] = value
		line, column := place(start)
		list, at = append(list, variable{rest[m[2]:m[3]], value, line, column}), at+m[1]
	}
	return list, nil
}

// expand replaces variables and escapes in a value: every \x if it was in double quotes,
// else only \$. unset is where a variable stands that has no value; -1: none does.
func expand(value string, quoted bool, known map[string]string, lookup func(string) (string, bool)) (expanded string, unset int) {
	unset = -1
	end := 0
	for _, m := range part.Regexp().FindAllStringSubmatchIndex(value, -1) {
		expanded += value[end:m[0]]
		end = m[1]
		switch group := max(m[2], m[4], m[6]); {
		case m[2] >= 0 && (quoted || value[group] == '$'):
			expanded += strings.NewReplacer("n", "\n", "r", "\r").Replace(value[group:m[3]])
		case m[2] >= 0:
			expanded += value[m[0]:m[1]]
		default:
			name := value[group:max(m[5], m[7])]
			to, ok := known[name]
			if !ok {
				to, ok = lookup(name)
			}
			if !ok && unset < 0 {
				unset = m[0]
			}
			expanded += to
		}
	}
	return expanded + value[end:], unset
}
