// Hints for a command line that cannot be parsed.

package hint

import (
	"errors"
	"path/filepath"
	"slices"

	"fastmigrate/starlark"
	"fastmigrate/starlark/command"
)

// forUsage returns hints for arguments that nothing accepts; nil if err is another error.
func (c Context) forUsage(err error) []string {
	if errors.As(err, new(starlark.Usage)) {
		return []string{"fastmigrate tasks lists the tasks, fastmigrate run TASK --help explains one"}
	}
	if !errors.As(err, new(Usage)) {
		return nil
	}
	of := "COMMAND --help explains one"
	if c.Command != "" {
		of = c.Command + " --help explains this one"
	}
	hints := append(Added(err), "fastmigrate --help lists the commands, fastmigrate "+of)
	if u := (command.Unexpected{}); errors.As(err, &u) {
		hints = append(c.instead(u.Argument), hints...)
	}
	return hints
}

// instead returns hints for the probable meaning of an argument that nothing accepts.
func (c Context) instead(argument string) []string {
	if c.Command != "" && slices.Contains([]string{".db", ".sqlite", ".sqlite3"}, filepath.Ext(argument)) {
		return []string{"--db " + Quote(argument) + " names the database"}
	}
	return nil
}
