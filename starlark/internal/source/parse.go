// Package source reads the text of a file in Starlark, before any of it runs.
//
//	file, err := source.Parse(name, text)
//	for _, p := range source.Problems(err) { ... }
package source

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.starlark.net/resolve"
	"go.starlark.net/syntax"
)

// dialect is the strict one of the language (see syntax.FileOptions of go.starlark.net),
// with sets, and with if and for at the top level.
var dialect = &syntax.FileOptions{Set: true, TopLevelControl: true}

// Parse parses the text of a file. [Problems] lists what is wrong from its error.
func Parse(name string, text []byte) (*syntax.File, error) {
	if err := readable(name, text); err != nil {
		return nil, err
	}
	file, err := dialect.Parse(name, text, 0)
	if err != nil {
		return nil, misspelt(name, string(text), err)
	}
	return file, nil
}

// readable refuses a text that the interpreter would not read as its author does: it
// stops at a NUL byte, and replaces bytes that are not UTF-8.
func readable(name string, text []byte) error {
	for at, line, column := 0, int32(1), int32(1); at < len(text); {
		r, n := utf8.DecodeRune(text[at:])
		message := ""
		switch {
		case r == 0 && at < 4:
			message = "there is a NUL byte here: is the file UTF-16? save it as UTF-8"
		case r == 0:
			message = "there is a NUL byte here"
		case r == utf8.RuneError && n == 1:
			message = fmt.Sprintf("the byte 0x%02X here is not UTF-8: save the file as UTF-8", text[at])
		}
		if message != "" {
			return resolve.ErrorList{{Pos: syntax.MakePosition(&name, line, column), Msg: message}}
		}
		at, column = at+n, column+1
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return nil
}

// misspelt adds the errors of later statements to the first, at which the parser stops.
func misspelt(name, text string, err error) error {
	var list resolve.ErrorList
	lines := strings.SplitAfter(text, "\n")
	from := 0
	for e := (syntax.Error{}); errors.As(err, &e) && len(list) < 10; {
		if e.Pos.Col == 1 && e.Pos.Line > 1 && strings.HasPrefix(e.Msg, "got newline") { // which ends the line before
			e.Pos.Line--
			e.Pos.Col = int32(utf8.RuneCountInString(strings.TrimRight(lines[e.Pos.Line-1], "\r\n"))) + 1
		}
		list = append(list, resolve.Error(e))
		for from = max(from+1, int(e.Pos.Line)); from < len(lines) && !statement().MatchString(lines[from]); from++ {
		}
		if from >= len(lines) || strings.Contains(e.Msg, "EOF") {
			break
		}
		_, err = dialect.Parse(name, strings.Repeat("\n", from)+strings.Join(lines[from:], ""), 0)
	}
	return list
}

// statement is a line that begins a statement of the top level.
var statement = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(def |load\(|task\(|\w+ = )`) })

// IsScript reports whether a file has no functions and declares no task.
func IsScript(file *syntax.File) bool {
	script := true
	for _, stmt := range file.Stmts {
		syntax.Walk(stmt, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.DefStmt:
				script = false
			case *syntax.CallExpr:
				if id, ok := n.Fn.(*syntax.Ident); ok && id.Name == "task" {
					script = false
				}
			}
			return script
		})
	}
	return script
}

// Problems lists the problems of a text that does not parse or resolve, in the order of
// the text. It is nil for other errors.
func Problems(err error) []syntax.Error {
	var list resolve.ErrorList
	var one syntax.Error
	switch {
	case errors.As(err, &list):
		var all []syntax.Error
		for _, e := range list {
			all = append(all, syntax.Error(e))
		}
		slices.SortStableFunc(all, func(a, b syntax.Error) int {
			return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
		})
		return all
	case errors.As(err, &one):
		return []syntax.Error{one}
	}
	return nil
}
