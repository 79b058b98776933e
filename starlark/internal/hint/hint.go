// Package hint suggests corrections for a line that Starlark refuses.
//
//	text := hint.File{Has: predeclared.Has}.For(message, line, column)
//
// Most who write Starlark know Python, so most hints are about what differs between the
// two: see https://bazel.build/rules/language#differences_with_python.
package hint

import (
	"regexp"
	"strings"
	"sync"
)

// habits are lines of Python, and what Starlark has instead.
var habits = sync.OnceValue(func() []habit {
	return []habit{
		{regexp.MustCompile(`^\s*(try|except|finally|raise)\b`), "Starlark has no exceptions: attempt(fn, ...) returns the error, fail(message) raises one, defer(fn, ...) cleans up"},
		{regexp.MustCompile(`^\s*while\b`), "Starlark has no while: use for i in range(n) with break, which always ends"},
		{regexp.MustCompile(`^\s*with\b`), "Starlark has no with: defer(fn, ...) calls fn at the end of the task"},
		{regexp.MustCompile(`^\s*class\b`), "Starlark has no classes: struct(name = value) has fields"},
		{regexp.MustCompile(`^\s*assert\b[^.]`), "if not condition: fail(message)"},
		{regexp.MustCompile(`^\s*(del|global|nonlocal)\b`), "Starlark has no del and no global: d.pop(key) removes a key, and globals do not change"},
		{regexp.MustCompile(`^\s*(async|await|yield)\b`), "builtins act at once: leave await out"},
		{regexp.MustCompile(`(^|[^\w"'])[fF]["']`), `Starlark has no f-strings: "%s is at %d" % (db, n)`},
		{regexp.MustCompile(`\bis\s+(not\s+)?None\b`), "Starlark has no is: x == None, x != None"},
		{regexp.MustCompile(`\d_\d`), "numbers have no underscores"},
		{regexp.MustCompile(`^\s*@`), "Starlark has no decorators: call task(fn, ...) after the function"},
		{regexp.MustCompile(`^\s*def\b.*(->|\w\s*:\s*\w+\s*[,)=])`), "parameters have no types: the type is that of the default"},
		{regexp.MustCompile(`"\s+"|'\s+'`), "join strings with +"},
		{regexp.MustCompile(`[<>]=?[^<>=]+[<>]`), "comparisons do not chain: a < b and b < c"},
	}
})

// habit is one of them.
type habit struct {
	line *regexp.Regexp
	hint string
}

// imports is an import of a Python module.
var imports = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:import|from)\s+(\w+)`) })

// modules are modules of Python, and what a Fastmigratefile has instead.
var modules = map[string]string{
	"os": "use env(), exists(), glob() and read_file()", "sys": "use print() and fail()", "pathlib": "use exists(), glob() and read_file()",
	"glob": "use glob()", "subprocess": "sh([program, argument]) runs a program", "shlex": "sh([program, argument]) takes words", "sqlite3": "use query() and execute()",
	"datetime": "the module time needs no import", "logging": "use print() and warn()", "re": "regular expressions are only in .star migrations",
	"hashlib": "hash.sha256 is only in .star migrations", "base64": "base64 is only in .star migrations", "shutil": "sh([program, argument]) runs a program",
}

// inMigrations is the same for a .star migration.
var inMigrations = map[string]string{
	"hashlib": "hash.sha256 needs no import", "sqlite3": "use db.query() and db.execute()",
	"os": "a migration has access only to its database", "sys": "a migration has access only to its database", "datetime": "use dates of SQL: db.scalar(\"SELECT date(?)\", [x])",
	"time": "a migration has no clock: the same database gives the same result", "random": "a migration has no randomness: the same database gives the same result",
	"uuid": "a migration has no randomness: hash.sha256 of a key is a text that is always the same", "requests": "a migration has access only to its database",
}

// File is the file with the line.
type File struct {
	Has   func(name string) bool // whether a name is predeclared
	Alone bool                   // it is a .star migration, which loads nothing
}

// instead is what a file has instead of an import.
func (f File) instead(module string) string {
	known := modules
	if f.Alone {
		known = inMigrations
	}
	switch {
	case f.Has(module):
		return module + " needs no import"
	case known[module] != "":
		return "there are no imports: " + known[module]
	case f.Alone:
		return "there are no imports, and a migration cannot load files: hash, re, base64, json, math and struct are built in"
	}
	return `there are no imports: load("other.star", "name") loads from another file; json, math, time and struct are built in`
}

// unknown are names of Python and other languages, and what a Fastmigratefile has
// instead.
var unknown = map[string]string{
	"null": "null is None here", "nil": "nil is None here", "undefined": "undefined is None here",
	"true": "True and False begin with a capital letter", "false": "True and False begin with a capital letter",
	"log": "use print() and warn()", "console": "use print() and warn()", "echo": "use print() and warn()",
	"sum": "use total += n in a for loop", "map": "instead of map: [f(x) for x in list]", "filter": "instead of filter: [x for x in list if f(x)]",
	"round": "math.round(x) rounds", "pow": "math.pow(x, y) is x to the power of y", "isinstance": `use type(x) == "string"`,
	"open": "read_file(path) returns the text of a file", "input": "use confirm(question) for yes or no, and a parameter of the task for a value",
	"__name__": "leave it out: fastmigrate run NAME runs a task", "self": "there are no classes, and no self",
	"super": "there are no classes, and no super", "object": "struct(name = value) has fields", "Exception": "fail(message) raises an error",
}

// unknownAlone is the same for a .star migration.
var unknownAlone = map[string]string{
	"query": "db.query(sql) returns the rows", "execute": "db.execute(sql) changes them", "cursor": "db.query(sql) returns the rows", "conn": "db is the database",
	"open": "a migration has access only to its database", "env": "a migration has access only to its database", "read_file": "a migration has access only to its database",
	"sh": "a migration has access only to its database: a .sh migration can run programs", "input": "a migration cannot ask questions", "confirm": "a migration cannot ask questions",
}

// Instead returns what the file has instead of a name that is not predeclared, or "".
func (f File) Instead(name string) string {
	switch {
	case f.Has(name):
		return ""
	case f.Alone && unknownAlone[name] != "":
		return unknownAlone[name]
	case unknown[name] != "":
		return unknown[name]
	case f.Alone:
		return inMigrations[name]
	}
	return modules[name]
}

// meanings are messages of the interpreter with a likely cause, in certain lines.
var meanings = sync.OnceValue(func() []meaning {
	return []meaning{
		{regexp.MustCompile(`^local variable .* referenced before assignment$`), anyLine(), "a variable that a function assigns is local, even if the top level has one of the same name: rename it, or return the value"},
		{regexp.MustCompile(`frozen`), anyLine(), "values at the top level cannot change after the file is loaded: use a variable of the function, or return the value"},
		{regexp.MustCompile(`unknown conversion`), anyLine(), "% has no widths or precisions here, only %d %s %r %g %x; table(rows) aligns columns"},
		{regexp.MustCompile(`op: (string \+ int|int \+ string)$`), anyLine(), "str(n) converts a number to a string"},
		{regexp.MustCompile(`called recursively`), anyLine(), "functions cannot call themselves here: use a for loop over a list of the remaining work"},
		{regexp.MustCompile(`cannot reassign global`), regexp.MustCompile(`^\s*def\b`), "a function can be defined only once: give the second one another name"},
		{regexp.MustCompile(`cannot reassign global`), anyLine(), "a name at the top level can be assigned only once: x = 1 if condition else 2"},

		{regexp.MustCompile(`^unknown binary op: .*\bNoneType\b|^NoneType value is not iterable|^unhandled index operation NoneType|^NoneType has no \.`), anyLine(), "a function without return gives None, and so does NULL in a row: test with x == None"},
		{regexp.MustCompile(`^int value is not iterable$`), regexp.MustCompile(`\bexecute\(`), "db.execute returns the number of changed rows: db.query returns rows"},
		{regexp.MustCompile(`^int value is not iterable$`), regexp.MustCompile(`^\s*for\b`), "for i in range(n) counts"},
		{regexp.MustCompile(`^(unhandled index operation )?(builtin_function_or_method|function)(\[.*\]$| value is not iterable)`), anyLine(), "call the function with ()"},
		{regexp.MustCompile(`^unhandled index operation Query\[`), anyLine(), "a query has no index: use for row in db.query(sql); db.scalar(sql) returns one value"},
		{regexp.MustCompile(`^Rows index: got string`), anyLine(), "rows[0] is the first row, and rows[0].name its column"},
		{regexp.MustCompile(`^(Rows|Query) has no \.`), anyLine(), "loop over the rows: for row in ...: row.name is a column"},
		{regexp.MustCompile(`^db has no \.(commit|rollback|begin|transaction) `), anyLine(), "leave it out: the migration already is one transaction"},
		{regexp.MustCompile(`^db has no \.(cursor|connect|fetchall|fetchone|executescript|executemany) `), anyLine(), "db.query(sql) returns rows, db.execute(sql) changes them, one statement at a time"},
		{regexp.MustCompile(`^module has no \.(dumps?|loads?) `), anyLine(), "json.encode(value) writes JSON, json.decode(text) reads it"},
		{regexp.MustCompile(`^list has no \.(push|add) `), anyLine(), "use list.append(value)"},

		{regexp.MustCompile(`^got string literal, want newline$`), regexp.MustCompile(`^\s*print\s+["']`), "print is a function: print(...)"},
		{regexp.MustCompile(`^got ':', want newline$`), regexp.MustCompile(`^\s*\w+\s*:\s*\w+`), "variables have no types: leave the colon and the type out"},
		{regexp.MustCompile(`^got '=', want ':'$`), anyLine(), "== compares; = assigns, in a statement of its own"},
		{regexp.MustCompile(`^got '[&|]', want primary|^unexpected input character '!'$`), anyLine(), "and, or and not are words here"},
		{regexp.MustCompile(`^unexpected input character '\?'$`), anyLine(), "use a if condition else b"},
		{regexp.MustCompile(`^got newline, want primary expression$`), regexp.MustCompile(`(\+\+|--)\s*$`), "use x += 1 and x -= 1"},
		{regexp.MustCompile(`^got '\*\*', want`), anyLine(), "there is no power operator: math.pow(x, y)"},
		{regexp.MustCompile(`^unexpected input character '[“”„‘’‚«»]'$`), anyLine(), "strings need plain quotes, \" or '"},
		{regexp.MustCompile(`^unexpected input character '\\u(00a0|200b|2009|202f|3000|feff)'$`), anyLine(), "this looks like a space, but is another character: write a plain space"},
		{regexp.MustCompile(`^got indent, want`), anyLine(), "this line is indented more than the one before it, which does not begin a block"},
		{regexp.MustCompile(`^unindent does not match`), anyLine(), "the indentation of this line matches neither the block before it nor the one around that"},
		{regexp.MustCompile(`want indent$`), anyLine(), "what belongs to a def, if or for stands further in; pass does nothing"},
	}
})

// meaning is one of them.
type meaning struct {
	message, line *regexp.Regexp
	hint          string
}

var anyLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(``) })

// unclosed is the parser's message for an unclosed bracket; at the beginning of a line,
// the bracket is in an earlier one.
var unclosed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^got (?:identifier|def|if|for|return|EOF|end of file|newline|outdent|'='), want (?:'[,)\]}]'|.*\bfor, or if$)`)
})

// opening is the beginning of a line, up to where the parser stops after a first word.
var opening = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*\w*(\s*=)?$`) })

// For returns a hint for a line that the interpreter refuses with a message, at a column
// of it in characters from 1, or "" if it knows none. Column 0 is unknown.
func (f File) For(message, line string, column int) string {
	if module := imports().FindStringSubmatch(line); module != nil && strings.HasPrefix(message, "got ") {
		return f.instead(module[1])
	}
	name, undefined := strings.CutPrefix(message, "undefined: ")
	if name, _, _ = strings.Cut(name, " "); undefined && f.Instead(name) != "" {
		return f.Instead(name)
	}
	for _, m := range meanings() {
		if m.message.MatchString(message) && m.line.MatchString(line) {
			return m.hint
		}
	}
	if strings.HasPrefix(message, "got ") || undefined || strings.HasPrefix(message, "unexpected input") || strings.Contains(message, "not an expression") ||
		strings.Contains(message, "does not support") || strings.Contains(message, "does not associate") || strings.Contains(message, "not allowed") || strings.Contains(message, "invalid") {
		for _, h := range habits() {
			if h.line.MatchString(line) {
				return h.hint
			}
		}
	}
	if r := []rune(line); unclosed().MatchString(message) && column > 0 && opening().MatchString(string(r[:min(column-1, len(r))])) {
		return "a bracket further up is not closed, or a comma is missing"
	}
	return ""
}
