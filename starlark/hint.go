// What people probably meant who know Python.

package starlark

import (
	"regexp"
	"strings"
)

// habits are what people write who know Python, and what Starlark has instead.
var habits = []struct {
	line *regexp.Regexp
	hint string
}{
	{regexp.MustCompile(`^\s*(try|except|finally|raise)\b`), "Starlark has no exceptions: attempt(fn, ...) gives the error, fail(message) makes one, defer(fn, ...) cleans up"},
	{regexp.MustCompile(`^\s*while\b`), "Starlark has no while: for i in range(n) with break ends for certain"},
	{regexp.MustCompile(`^\s*with\b`), "Starlark has no with: defer(fn, ...) is called when the task is over"},
	{regexp.MustCompile(`^\s*(import|from)\b`), `load("other.star", "name") loads from another file; json, math, time and struct are there`},
	{regexp.MustCompile(`^\s*class\b`), "Starlark has no classes: struct(name = value) holds fields"},
	{regexp.MustCompile(`^\s*assert\b[^.]`), "if not condition: fail(message)"},
	{regexp.MustCompile(`^\s*(del|global|nonlocal)\b`), "Starlark has no del and no global: d.pop(key) removes a key, and globals do not change"},
	{regexp.MustCompile(`^\s*(async|await|yield)\b`), "builtins act at once: there is nothing to wait for"},
	{regexp.MustCompile(`(^|[^\w"'])[fF]["']`), `Starlark has no f-strings: "%s is at %d" % (db, n)`},
	{regexp.MustCompile(`\bis\s+(not\s+)?None\b`), "Starlark has no is: x == None, x != None"},
	{regexp.MustCompile(`\d_\d`), "numbers have no underscores"},
	{regexp.MustCompile(`^\s*@`), "Starlark has no decorators: task(fn, ...) stands after the function"},
	{regexp.MustCompile(`^\s*def\b.*(->|\w\s*:\s*\w+\s*[,)=])`), "parameters have no types: their defaults tell"},
	{regexp.MustCompile(`"\s+"|'\s+'`), "strings are joined by +"},
	{regexp.MustCompile(`[<>]=?[^<>=]+[<>]`), "comparisons do not chain: a < b and b < c"},
}

// hint guesses what was meant in a line that was refused.
func hint(message, line string) string {
	switch {
	case strings.Contains(message, "frozen"):
		return "what is defined at the top level does not change once the file is loaded: keep it in a variable of the function, or return it"
	case strings.Contains(message, "unknown conversion"):
		return "% has no widths and precisions here: %d %s %r %g %x; table(rows) aligns"
	case strings.HasSuffix(message, "op: string + int"), strings.HasSuffix(message, "op: int + string"):
		return "str(n) makes a string of a number"
	case strings.Contains(message, "called recursively"):
		return "functions do not call themselves here: a for loop over a list of what is left does"
	case strings.Contains(message, "cannot reassign global"):
		return "a name at the top level is given once: x = 1 if condition else 2"
	}
	if strings.HasPrefix(message, "got ") || strings.HasPrefix(message, "undefined") || strings.HasPrefix(message, "unexpected input") || strings.Contains(message, "not an expression") ||
		strings.Contains(message, "does not support") || strings.Contains(message, "does not associate") || strings.Contains(message, "not allowed") || strings.Contains(message, "invalid") {
		for _, h := range habits {
			if h.line.MatchString(line) {
				return h.hint
			}
		}
	}
	return ""
}
