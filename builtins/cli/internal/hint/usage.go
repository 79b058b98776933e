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
	hints := []string{"fastmigrate --help shows the commands, fastmigrate " + of}
	if u := (command.Unexpected{}); errors.As(err, &u) {
		hints = append(c.instead(u.Argument), hints...)
	}
	return hints
}

// commands are those that other tools have, and what does it here.
var commands = map[string]string{
	"migrate": "run-migrations applies what is pending", "upgrade": "run-migrations applies what is pending",
	"up": "run-migrations applies what is pending", "apply": "run-migrations applies what is pending",
	"down": "restore-db goes back to a backup, as no migration is undone", "downgrade": "restore-db goes back to a backup, as no migration is undone",
	"rollback": "restore-db goes back to a backup, as no migration is undone", "undo": "restore-db goes back to a backup, as no migration is undone",
	"init": "create-db makes a database, and the command new a migration", "generate": "new DESCRIPTION writes the next migration",
	"make": "new DESCRIPTION writes the next migration", "revision": "new DESCRIPTION writes the next migration",
	"version": "check-version prints the versions", "current": "check-version prints the versions",
	"stamp": "enroll-db --version N says which migrations a database has", "baseline": "enroll-db --version N says which migrations a database has",
	"info": "status shows how the migrations stand", "list": "status shows how the migrations stand", "history": "status shows how the migrations stand",
	"dump": "schema prints the schema", "validate": "drift compares the database with its migrations", "verify": "drift compares the database with its migrations",
}

// instead is what an argument that nothing takes probably was meant for.
func (c Context) instead(argument string) []string {
	switch command := commands[argument]; {
	case c.Command == "" && command != "":
		return []string{"fastmigrate " + command}
	case c.Command != "" && slices.Contains([]string{".db", ".sqlite", ".sqlite3"}, filepath.Ext(argument)):
		return []string{"--db " + Quote(argument) + " names the database"}
	}
	return nil
}
