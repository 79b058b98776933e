// The commands tasks and docs.

package cli

import (
	"path/filepath"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/manual"
	"fastmigrate/builtins/cli/internal/result"
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
	list := []result.Task{}
	for _, t := range file.Tasks {
		if c.All || !t.Hidden {
			list = append(list, result.Task{Task: *t, Effects: builtins.Effects(t.Uses)})
			if t.Timeout > 0 {
				list[len(list)-1].Timeout = t.Timeout.String()
			}
		}
	}
	return a.Report(visible.Text(file.Listing(c.All)), result.Tasks{File: filepath.Join(file.Dir(), file.Name), Doc: file.Doc, Tasks: list})
}

type docs struct {
	Name   string `arg:"" optional:"" complete:"function" help:"Name of a guide or a function; without it, all are listed."`
	Schema string `placeholder:"COMMAND" complete:"schema" help:"Print the JSON Schema of the result of COMMAND --json; error: of any failure; config: of the configuration file."`
}

func (docs) Help() string {
	return `A guide is printed as it is, in Markdown.

Examples:

    fastmigrate docs
    fastmigrate docs accidents
    fastmigrate docs run_migrations
    fastmigrate docs --schema status > status.schema.json`
}

func (c docs) Run(a *app) error {
	if c.Schema != "" {
		text, schema, err := manual.Schema(c.Schema)
		if c.Name != "" {
			err = hint.Usagef("give either a name or --schema, not both")
		}
		if err != nil {
			return err
		}
		return a.Report(text, schema)
	}
	if c.Name == "" {
		text, list := manual.List()
		return a.Report(text, list)
	}
	text, found, err := manual.Find(c.Name)
	if err != nil {
		return err
	}
	return a.Report(text, found)
}
