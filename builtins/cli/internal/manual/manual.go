// Package manual has what the command docs prints: the guides, and the functions that
// Starlark files can call.
package manual

import (
	"fmt"
	"strings"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/guide"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/builtins/startest"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"
)

// parts are the functions, by the place where they can be called.
var parts = []struct {
	title string
	list  func() []*builtins.Builtin
}{
	{"in a Fastmigratefile", builtins.All},
	{"in a transaction", builtins.Transaction},
	{"of Starlark", builtins.Modules},
	{"in a migration in Starlark", starmigrate.Methods},
	{"in a test", startest.Functions},
}

// functions are those of all parts.
func functions() (all []*builtins.Builtin) {
	for _, part := range parts {
		all = append(all, part.list()...)
	}
	return all
}

// List lists the guides and all functions, a line each. Its JSON is the functions, as in the
// first version.
func List() (text string, list []*builtins.Builtin) {
	b := &strings.Builder{}
	b.WriteString("guides:\n")
	for _, g := range guide.All() {
		b.WriteString(line(g.Name, g.Summary))
	}
	for _, part := range parts {
		b.WriteString("\n" + part.title + ":\n")
		for _, f := range part.list() {
			b.WriteString(line(f.Name, f.Doc))
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), functions()
}

// Find is the guide or the function of a name, or what a module of that name has: as text,
// and as the value that its JSON shows. An unknown name is a [hint.Usage].
func Find(name string) (text string, found any, err error) {
	if g, ok := guide.Named(name); ok {
		return strings.TrimSuffix(g.Text, "\n"), g, nil
	}
	var members strings.Builder
	var of []*builtins.Builtin // what the module has, if name is one
	for _, b := range functions() {
		if b.Name == strings.ReplaceAll(name, "-", "_") {
			return b.Text(), b, nil
		}
		if strings.HasPrefix(b.Name, name+".") {
			members.WriteString(line(b.Name, b.Doc))
			of = append(of, b)
		}
	}
	if of != nil {
		return name + " has\n" + strings.TrimSuffix(members.String(), "\n"), of, nil
	}
	var names []string
	for _, c := range Candidates() {
		names = append(names, c.Word)
	}
	if near := starlark.Nearest(name, names); near != "" {
		return "", nil, hint.Usagef("there is no guide or function %s, did you mean %s?", name, near)
	}
	return "", nil, hint.Usagef("there is no guide or function %s: fastmigrate docs lists them", name)
}

// Candidates are the names that Find knows, for a shell that completes them.
func Candidates() (list []command.Candidate) {
	for _, g := range guide.All() {
		list = append(list, command.Candidate{Word: g.Name, Help: g.Summary})
	}
	for _, b := range functions() {
		list = append(list, command.Candidate{Word: b.Name, Help: b.Doc})
	}
	return list
}

// line is a line of a list: a name, and the first line of its doc.
func line(name, doc string) string {
	summary, _, _ := strings.Cut(doc, "\n")
	return fmt.Sprintf("  %-22s%s\n", name, summary)
}
