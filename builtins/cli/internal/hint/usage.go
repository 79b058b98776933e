// What a command line was meant for that cannot be read.

package hint

import (
	"errors"
	"path/filepath"
	"slices"

	"fastmigrate/starlark"
	"fastmigrate/starlark/command"
)

// forUsage is about arguments that nothing takes. Nil: err is something else.
func (c Context) forUsage(err error) []string {
	if errors.As(err, new(starlark.Usage)) {
		return []string{"fastmigrate tasks lists the tasks, fastmigrate run TASK --help shows one"}
	}
	if !errors.As(err, new(Usage)) {
		return nil
	}
	of := "COMMAND --help one of them"
	if c.Command != "" {
		of = c.Command + " --help this one"
	}
	hints := append(Added(err), "fastmigrate --help shows the commands, fastmigrate "+of)
	if u := (command.Unexpected{}); errors.As(err, &u) {
		hints = append(c.instead(u.Argument), hints...)
	}
	return hints
}

// instead is what an argument that nothing takes probably was meant for.
func (c Context) instead(argument string) []string {
	if c.Command != "" && slices.Contains([]string{".db", ".sqlite", ".sqlite3"}, filepath.Ext(argument)) {
		return []string{"--db " + Quote(argument) + " names the database"}
	}
	return nil
}
