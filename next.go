// What to do next. A report that leaves something to do ends in hints on standard
// error, as errors do.

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core"
)

// advise prints hints below a report.
func (a *app) advise(hints []string) {
	if !a.Quiet && !a.JSON { // which holds them
		a.tellHints(hints)
	}
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
func (a *app) instead(argument string) []string {
	switch command := commands[argument]; {
	case a.command == "" && command != "":
		return []string{"fastmigrate " + command}
	case a.command != "" && slices.Contains([]string{".db", ".sqlite", ".sqlite3"}, filepath.Ext(argument)):
		return []string{"--db " + quote(argument) + " names the database"}
	}
	return nil
}

// heal are the hints to several errors, each once.
func (a *app) heal(causes []error) []string {
	hints := []string{}
	for _, err := range causes {
		for _, h := range a.hints(err, a.cause(err)) {
			if !slices.Contains(hints, h) {
				hints = append(hints, h)
			}
		}
	}
	return hints
}

// afterStatus is what to do about the state of a database.
func (a *app) afterStatus(s core.DatabaseStatus) []string {
	hints := a.heal(s.Problems)
	switch {
	case len(hints) > 0:
	case len(s.Migrations)+len(s.Misnamed) == 0:
		hints = append(hints, a.nameHints()...)
	case slices.ContainsFunc(s.Migrations, func(m core.MigrationStatus) bool { return m.State == core.StatePending }):
		hints = append(hints, a.pendingHint())
	}
	return hints
}

func (a *app) pendingHint() string {
	return a.here("fastmigrate run-migrations") + " applies what is pending"
}

// enrollHint is how a database gets a version: that of the migrations that it has,
// if there are any.
func (a *app) enrollHint() string {
	if list, _, err := a.options.Migrations(os.DirFS(a.dir)); err == nil && len(list) > 0 {
		return a.here("fastmigrate enroll-db --version N") + " enrolls a database that was made elsewhere, N being the last migration that it has"
	}
	return a.here("fastmigrate enroll-db") + " enrolls a database that was made elsewhere"
}

// exists reports whether anything has the path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// afterDrift is what to do about differences of the schema.
func (a *app) afterDrift(r core.Drifted) []string {
	switch {
	case r.File != "":
		return []string{"read it; " + a.here("fastmigrate run-migrations") + " then records it here, and makes all other databases follow"}
	case len(r.Differences) == 0, len(r.Skipped) > 0: // of which it is not known whether they are any
		return []string{}
	case len(r.Edited) > 0:
		return []string{"look first at what was edited: " + a.here("fastmigrate accept "+r.Edited[0][:4])}
	}
	return []string{"if they are meant: " + a.here("fastmigrate drift --fix") + " writes the migration that records them"}
}

// absenceHints are for a database, a directory or a backup that is not there.
func (a *app) absenceHints(err error, e *core.Error) []string {
	elsewhere := "--from DIR looks for backups in another directory"
	switch {
	case errors.Is(err, core.ErrNoBackup):
		return []string{a.onDB("fastmigrate backups") + " shows what backups there are", elsewhere}
	case e.Op == "restore" && exists(filepath.Dir(a.db)):
		return []string{a.onDB("fastmigrate backups") + " shows what backups there are"}
	case e.Op == "restore", e.Op == "list":
		return []string{elsewhere + "; is --db right?"}
	case e.Op == "enroll" || e.Op == "adopt":
		return []string{"is --db right? it names the database that is there already"}
	case errors.Is(err, core.ErrNoDatabase) && slices.Contains([]string{"run-migrations", "rehearse", "status", "wait", "drift"}, a.command):
		return []string{a.here("fastmigrate run-migrations --create") + " makes a new database and applies the migrations; is the path right?"}
	case errors.Is(err, core.ErrNoDatabase):
		return []string{a.onDB("fastmigrate create-db") + " makes a new database; is the path right?"}
	case e.Op == "resolve", a.command == "accept" && e.Op != "": // nothing was interrupted, or edited
		return []string{a.here("fastmigrate status") + " shows how the migrations stand"}
	}
	return nil
}

// notDatabase is for a path at which there is something else than a database.
func (a *app) notDatabase(path string) []string {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return []string{"is --db right? it names a file, such as " + quote(filepath.Join(path, "app.db"))}
	case !isRegular(path):
		return []string{"is --db right? it names a regular file"}
	}
	return []string{"is --db right? head -c 15 " + quote(dashed(path)) + " shows how it begins; a database begins with SQLite format 3",
		"if it was a database: " + a.onDB("fastmigrate backups") + " shows what backups there are"}
}

func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// onDB is a command on this database.
func (a *app) onDB(command string) string {
	if a.db == "data/database.db" {
		return command
	}
	return command + " --db " + quote(dashed(a.db))
}

// dashed is a path that no command takes for a flag.
func dashed(path string) string {
	if strings.HasPrefix(path, "-") {
		return "./" + path
	}
	return path
}

// unreadable is a directory of migrations that cannot be read.
type unreadable struct{ error }

func (u unreadable) Unwrap() error { return u.error }

// absent is a file that is not there, by its text.
type absent string

func (t absent) Error() string { return string(t) }
func (absent) Unwrap() error   { return fs.ErrNotExist }
