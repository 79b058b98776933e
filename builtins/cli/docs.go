// The commands that explain a Fastmigratefile.

package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/schemas"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/builtins/startest"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
)

type listTasks struct {
	workflowFile
	All bool `help:"Also the hidden ones."`
}

func (listTasks) Help() string {
	return `Nothing runs: the file only declares them. With --json it tells their parameters,
where they stand, and what they may do: "reads" and "writes" are about databases
and files, "runs" is about programs.

Example:

    fastmigrate tasks --json`
}

func (c listTasks) Run(a *app) error {
	file, err := c.load(a, a.options, starlark.Options{})
	if err != nil {
		return err
	}
	list := []taskDoc{}
	for _, t := range file.Tasks {
		if c.All || !t.Hidden {
			list = append(list, taskDoc{*t, "", builtins.Effects(t.Uses)})
			if t.Timeout > 0 {
				list[len(list)-1].Timeout = t.Timeout.String()
			}
		}
	}
	return a.Report(visible.Text(file.Listing(c.All)), tasksDoc{filepath.Join(file.Dir(), file.Name), file.Doc, list})
}

type tasksDoc struct {
	File  string    `json:"file"`          // path of the Fastmigratefile
	Doc   string    `json:"doc,omitempty"` // its docstring
	Tasks []taskDoc `json:"tasks"`
}

type taskDoc struct {
	starlark.Task
	Timeout string            `json:"timeout,omitempty"` // after which it is ended, with its unit, such as 10m0s; "" if there is none
	Effects []builtins.Effect `json:"effects"`           // what it may do
}

type docs struct {
	Name   string `arg:"" optional:"" complete:"function" help:"One of them. Default: the list."`
	Schema string `placeholder:"COMMAND" complete:"schema" help:"Print the JSON Schema of what COMMAND --json prints; \"error\" is that of any failure, \"config\" that of the configuration file."`
}

func (docs) Help() string {
	return `Examples:

    fastmigrate docs run_migrations
    fastmigrate docs --schema status > status.schema.json`
}

func (c docs) Run(a *app) error {
	if c.Schema != "" {
		return c.schema(a)
	}
	var names []string
	var text, members strings.Builder
	var of []*builtins.Builtin // what c.Name has, if it has some
	for _, part := range manual {
		text.WriteString("\n" + part.title + ":\n")
		for _, b := range part.list() {
			if b.Name == strings.ReplaceAll(c.Name, "-", "_") {
				return a.Report(b.Text(), b)
			}
			names = append(names, b.Name)
			summary, _, _ := strings.Cut(b.Doc, "\n")
			line := fmt.Sprintf("  %-22s%s\n", b.Name, summary)
			text.WriteString(line)
			if strings.HasPrefix(b.Name, c.Name+".") {
				members.WriteString(line)
				of = append(of, b)
			}
		}
	}
	if of != nil {
		return a.Report(c.Name+" has\n"+strings.TrimSuffix(members.String(), "\n"), of)
	}
	if c.Name == "" {
		return a.Report(strings.TrimSpace(text.String()), documented())
	}
	if near := starlark.Nearest(c.Name, names); near != "" {
		return hint.Usagef("there is no function %s, did you mean %s?", c.Name, near)
	}
	return hint.Usagef("there is no function %s: fastmigrate docs lists them", c.Name)
}

// schema prints a JSON Schema.
func (c docs) schema(a *app) error {
	text := schemas.Of(c.Schema)
	if c.Name != "" {
		return hint.Usagef("give either a name or --schema, not both")
	} else if text == "" {
		return hint.Usagef("there is no schema %q; they are %s", c.Schema, strings.Join(schemas.Names(), ", "))
	}
	return a.Report(strings.TrimSuffix(text, "\n"), json.RawMessage(text))
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
