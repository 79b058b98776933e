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

// imports is a line that imports a module of Python.
var imports = regexp.MustCompile(`^\s*(?:import|from)\s+(\w+)`)

// modules are what there is instead of some modules of Python, in a Fastmigratefile.
var modules = map[string]string{
	"os": "env(), exists(), glob() and read_file() ask the system", "sys": "print() and fail() are there", "pathlib": "exists(), glob() and read_file() ask for files",
	"glob": "glob() is there", "subprocess": "sh([program, argument]) runs a program", "shlex": "sh([program, argument]) takes words", "sqlite3": "query() and execute() use a database",
	"datetime": "the module time is there without import", "logging": "print() and warn() are there", "re": "regular expressions are there in .star migrations only",
	"hashlib": "hash.sha256 is there in .star migrations only", "base64": "base64 is there in .star migrations only", "shutil": "sh([program, argument]) runs a program",
}

// inMigrations are the same in a .star migration.
var inMigrations = map[string]string{
	"hashlib": "hash.sha256 is there without import", "sqlite3": "db.query() and db.execute() use the database",
	"os": "a migration sees only its database", "sys": "a migration sees only its database", "datetime": "SQL has dates: db.scalar(\"SELECT date(?)\", [x])",
	"time": "a migration has no clock: the same database gives the same result", "random": "a migration has no chance: the same database gives the same result",
	"uuid": "a migration has no chance: hash.sha256 of a key gives a text that is always the same", "requests": "a migration sees only its database",
}

// instead is what there is instead of an import.
func (f *File) instead(module string) string {
	known, alone := modules, f.o.Source != nil
	if alone {
		known = inMigrations
	}
	switch {
	case f.predeclared.Has(module):
		return module + " is there without import"
	case known[module] != "":
		return "there are no imports: " + known[module]
	case alone:
		return "there are no imports, and a migration loads nothing: hash, re, base64, json, math and struct are there"
	}
	return `there are no imports: load("other.star", "name") loads from another file; json, math, time and struct are there`
}

// hint guesses what was meant in a line that was refused.
func (f *File) hint(message, line string) string {
	if module := imports.FindStringSubmatch(line); module != nil && strings.HasPrefix(message, "got ") {
		return f.instead(module[1])
	}
	switch {
	case strings.HasPrefix(message, "local variable ") && strings.HasSuffix(message, " referenced before assignment"):
		return "what a function assigns is its own variable, even if one at the top level has that name: give it another name, or return the value"
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
