// The commands tasks and docs.

package cli

import (
	"path/filepath"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/manual"
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
		text, list := manual.List()
		return a.Report(text, list)
	}
	text, found, err := manual.Find(c.Name)
	if err != nil {
		return err
	}
	return a.Report(text, found)
}
