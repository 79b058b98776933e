// The commands tasks and docs.

package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/guide"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/builtins/startest"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
)

type listTasks struct {
	workflowFile
	All bool `help:"List hidden tasks too."`
}

func (listTasks) Help() string {
	return `No task runs. With --json, each task has its parameters, its place in the file and
its possible effects: "reads" and "writes" concern databases and files, "runs"
concerns programs.

Example:

    fastmigrate tasks --json`
}

func (c listTasks) Run(a *app) error {
	file, err := c.load(a, a.options, starlark.Options{})
	if err != nil {
		return err
	}
	type task struct {
		*starlark.Task
		Timeout string            `json:"timeout,omitempty"`
		Effects []builtins.Effect `json:"effects"`
	}
	list := []task{}
	for _, t := range file.Tasks {
		if c.All || !t.Hidden {
			list = append(list, task{t, "", builtins.Effects(t.Uses)})
			if t.Timeout > 0 {
				list[len(list)-1].Timeout = t.Timeout.String()
			}
		}
	}
	return a.Report(visible.Text(file.Listing(c.All)), struct {
		File  string `json:"file"`
		Doc   string `json:"doc,omitempty"`
		Tasks []task `json:"tasks"`
	}{filepath.Join(file.Dir(), file.Name), file.Doc, list})
}

type docs struct {
	Name string `arg:"" optional:"" complete:"function" help:"Name of a guide or a function; without it, all are listed."`
}

func (docs) Help() string {
	return `A guide is printed as it is, in Markdown.

Examples:

    fastmigrate docs
    fastmigrate docs accidents
    fastmigrate docs run_migrations`
}

func (c docs) Run(a *app) error {
	if c.Name == "" {
		return a.listDocs()
	}
	if g, ok := guide.Named(c.Name); ok {
		return a.Report(strings.TrimSuffix(g.Text, "\n"), g)
	}
	var names []string
	var members strings.Builder
	var of []*builtins.Builtin // what c.Name has, if it has some
	for _, b := range documented() {
		if b.Name == strings.ReplaceAll(c.Name, "-", "_") {
			return a.Report(b.Text(), b)
		}
		names = append(names, b.Name)
		if strings.HasPrefix(b.Name, c.Name+".") {
			members.WriteString(listed(b.Name, b.Doc))
			of = append(of, b)
		}
	}
	if of != nil {
		return a.Report(c.Name+" has\n"+strings.TrimSuffix(members.String(), "\n"), of)
	}
	for _, g := range guide.All() {
		names = append(names, g.Name)
	}
	if near := starlark.Nearest(c.Name, names); near != "" {
		return hint.Usagef("there is no guide or function %s, did you mean %s?", c.Name, near)
	}
	return hint.Usagef("there is no guide or function %s: fastmigrate docs lists them", c.Name)
}

// listDocs reports the guides and all functions.
func (a *app) listDocs() error {
	text := &strings.Builder{}
	text.WriteString("guides:\n")
	guides := guide.All()
	for i, g := range guides {
		text.WriteString(listed(g.Name, g.Summary))
		guides[i].Text = "" // which is for docs NAME
	}
	for _, part := range manual {
		text.WriteString("\n" + part.title + ":\n")
		for _, b := range part.list() {
			text.WriteString(listed(b.Name, b.Doc))
		}
	}
	return a.Report(strings.TrimSuffix(text.String(), "\n"), struct {
		Guides    []guide.Guide       `json:"guides"`
		Functions []*builtins.Builtin `json:"functions"`
	}{guides, documented()})
}

// listed is a line of a list: a name, and the first line of what is said of it.
func listed(name, doc string) string {
	summary, _, _ := strings.Cut(doc, "\n")
	return fmt.Sprintf("  %-22s%s\n", name, summary)
}

// manual is what can be called, by the place where it can.
var manual = []struct {
	title string
	list  func() []*builtins.Builtin
}{
	{"in a Fastmigratefile", builtins.All},
	{"of Starlark", builtins.Modules},
	{"in a migration in Starlark", starmigrate.Methods},
	{"in a test", startest.Functions},
}

// documented is all that the manual has.
func documented() (all []*builtins.Builtin) {
	for _, part := range manual {
		all = append(all, part.list()...)
	}
	return all
}
