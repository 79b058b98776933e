// Package hint suggests what was probably meant by a line that Starlark refuses.
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
	"os": "env(), exists(), glob() and read_file() ask the system", "sys": "print() and fail() are there", "pathlib": "exists(), glob() and read_file() ask for files",
	"glob": "glob() is there", "subprocess": "sh([program, argument]) runs a program", "shlex": "sh([program, argument]) takes words", "sqlite3": "query() and execute() use a database",
	"datetime": "the module time is there without import", "logging": "print() and warn() are there", "re": "regular expressions are there in .star migrations only",
	"hashlib": "hash.sha256 is there in .star migrations only", "base64": "base64 is there in .star migrations only", "shutil": "sh([program, argument]) runs a program",
}

// inMigrations is the same for a .star migration.
var inMigrations = map[string]string{
	"hashlib": "hash.sha256 is there without import", "sqlite3": "db.query() and db.execute() use the database",
	"os": "a migration sees only its database", "sys": "a migration sees only its database", "datetime": "SQL has dates: db.scalar(\"SELECT date(?)\", [x])",
	"time": "a migration has no clock: the same database gives the same result", "random": "a migration has no chance: the same database gives the same result",
	"uuid": "a migration has no chance: hash.sha256 of a key gives a text that is always the same", "requests": "a migration sees only its database",
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
		return module + " is there without import"
	case known[module] != "":
		return "there are no imports: " + known[module]
	case f.Alone:
		return "there are no imports, and a migration loads nothing: hash, re, base64, json, math and struct are there"
	}
	return `there are no imports: load("other.star", "name") loads from another file; json, math, time and struct are there`
}

// unknown are names of Python and other languages, and what a Fastmigratefile has
// instead.
var unknown = map[string]string{
	"null": "None is what null is elsewhere", "nil": "None is what nil is elsewhere", "undefined": "None is what undefined is elsewhere",
	"true": "True and False begin with a capital letter", "false": "True and False begin with a capital letter",
	"log": "print() and warn() tell what happens", "console": "print() and warn() tell what happens", "echo": "print() and warn() tell what happens",
	"sum": "total += n in a for loop adds", "map": "[f(x) for x in list] does what map does", "filter": "[x for x in list if f(x)] does what filter does",
	"round": "math.round(x) rounds", "pow": "math.pow(x, y) is x to the power of y", "isinstance": `type(x) == "string" asks for the type`,
	"open": "read_file(path) gives the text of a file", "input": "confirm(question) asks a person, and a parameter of the task takes a value",
	"__name__": "leave it out: a task runs when it is called by its name", "self": "there are no classes, and no self",
	"super": "there are no classes, and no super", "object": "struct(name = value) holds fields", "Exception": "fail(message) makes an error",
}

// unknownAlone is the same for a .star migration.
var unknownAlone = map[string]string{
	"query": "db.query(sql) gives the rows", "execute": "db.execute(sql) changes them", "cursor": "db.query(sql) gives the rows", "conn": "db is the database",
	"open": "a migration sees only its database", "env": "a migration sees only its database", "read_file": "a migration sees only its database",
	"sh": "a migration sees only its database: one in a .sh runs programs", "input": "a migration asks nobody", "confirm": "a migration asks nobody",
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
		{regexp.MustCompile(`^local variable .* referenced before assignment$`), anyLine(), "what a function assigns is its own variable, even if one at the top level has that name: give it another name, or return the value"},
		{regexp.MustCompile(`frozen`), anyLine(), "what is defined at the top level does not change once the file is loaded: keep it in a variable of the function, or return it"},
		{regexp.MustCompile(`unknown conversion`), anyLine(), "% has no widths and precisions here: %d %s %r %g %x; table(rows) aligns"},
		{regexp.MustCompile(`op: (string \+ int|int \+ string)$`), anyLine(), "str(n) makes a string of a number"},
		{regexp.MustCompile(`called recursively`), anyLine(), "functions do not call themselves here: a for loop over a list of what is left does"},
		{regexp.MustCompile(`cannot reassign global`), regexp.MustCompile(`^\s*def\b`), "a function is defined once: give the second one another name"},
		{regexp.MustCompile(`cannot reassign global`), anyLine(), "a name at the top level is given once: x = 1 if condition else 2"},

		{regexp.MustCompile(`^unknown binary op: .*\bNoneType\b|^NoneType value is not iterable|^unhandled index operation NoneType|^NoneType has no \.`), anyLine(), "None is what a function without return gives, and NULL in a row: x == None asks for it"},
		{regexp.MustCompile(`^int value is not iterable$`), regexp.MustCompile(`\bexecute\(`), "db.execute gives the number of rows that it changed: db.query gives rows"},
		{regexp.MustCompile(`^int value is not iterable$`), regexp.MustCompile(`^\s*for\b`), "for i in range(n) counts"},
		{regexp.MustCompile(`^(unhandled index operation )?(builtin_function_or_method|function)(\[.*\]$| value is not iterable)`), anyLine(), "a function is called by (): it gives no values by itself"},
		{regexp.MustCompile(`^unhandled index operation Query\[`), anyLine(), "a query is gone through once: for row in db.query(sql); db.scalar(sql) gives one value"},
		{regexp.MustCompile(`^Rows index: got string`), anyLine(), "rows[0] is the first row, and rows[0].name its column"},
		{regexp.MustCompile(`^(Rows|Query) has no \.`), anyLine(), "a query is its rows: for row in ...: row.name is a column"},
		{regexp.MustCompile(`^db has no \.(commit|rollback|begin|transaction) `), anyLine(), "a migration is one transaction, which begins and ends by itself"},
		{regexp.MustCompile(`^db has no \.(cursor|connect|fetchall|fetchone|executescript|executemany) `), anyLine(), "db.query(sql) gives rows, db.execute(sql) changes them, one statement at a time"},
		{regexp.MustCompile(`^module has no \.(dumps?|loads?) `), anyLine(), "json.encode(value) makes a text, json.decode(text) reads one"},
		{regexp.MustCompile(`^list has no \.(push|add) `), anyLine(), "list.append(value) adds one"},

		{regexp.MustCompile(`^got string literal, want newline$`), regexp.MustCompile(`^\s*print\s+["']`), "print is a function: print(...)"},
		{regexp.MustCompile(`^got ':', want newline$`), regexp.MustCompile(`^\s*\w+\s*:\s*\w+`), "variables have no types: leave the colon and the type out"},
		{regexp.MustCompile(`^got '=', want ':'$`), anyLine(), "== compares; = gives a value a name, in a statement of its own"},
		{regexp.MustCompile(`^got '[&|]', want primary|^unexpected input character '!'$`), anyLine(), "and, or and not are words here"},
		{regexp.MustCompile(`^unexpected input character '\?'$`), anyLine(), "a choice is written: a if condition else b"},
		{regexp.MustCompile(`^got newline, want primary expression$`), regexp.MustCompile(`(\+\+|--)\s*$`), "x += 1 counts up, x -= 1 down"},
		{regexp.MustCompile(`^got '\*\*', want`), anyLine(), "there is no operator for powers: math.pow(x, y)"},
		{regexp.MustCompile(`^unexpected input character '[“”„‘’‚«»]'$`), anyLine(), "strings stand in plain quotes, \" or '"},
		{regexp.MustCompile(`^unexpected input character '\\u(00a0|200b|2009|202f|3000|feff)'$`), anyLine(), "this looks like a space, and is another character: write a plain space"},
		{regexp.MustCompile(`^got indent, want`), anyLine(), "this line stands further in than the one before it, which begins no block"},
		{regexp.MustCompile(`^unindent does not match`), anyLine(), "this line stands neither as the block before it nor as the one around that"},
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
