package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"fastmigrate/builtins"
	"fastmigrate/builtins/startest"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
)

// hints guesses what to do next.
func (a *app) hints(err error, e *core.Error) []string {
	on := a.onDB
	is := func(target error) bool { return errors.Is(err, target) }
	if own := (*starlark.Error)(nil); errors.As(err, &own) && own.Hint != "" {
		return own.Hints()
	}
	out := a.wayOut(err)
	if out != nil && !is(core.ErrInterrupted) && !is(core.ErrForeignKey) && !is(fault.ErrAbsent) {
		return out
	}
	switch {
	case errors.As(err, new(unreadable)) && is(fs.ErrNotExist):
		return []string{in(a.dir, "fastmigrate new DESCRIPTION") + " makes it, with the first migration; is --migrations right?"}
	case is(fault.ErrPartly) && e.Op != "migrate":
		return []string{a.here("fastmigrate run-migrations") + " goes on after that part"}
	case is(fault.ErrInTheWay):
		h := []string{"if it may go, remove it; then the next run makes it"}
		if e.Kept > 0 || is(core.ErrInterrupted) {
			h = append(h, "or, if all of "+e.File+" happened: "+on("fastmigrate resolve --completed"))
		}
		return h
	case is(core.ErrInterrupted):
		h := append(out,
			"look at what it left; then, if all of it happened: "+on("fastmigrate resolve --completed"),
			"or, if it may run again from its start: "+on("fastmigrate resolve --rolled-back"))
		if is(fault.ErrElsewhere) {
			h = append([]string{"first make sure, where it was started, that it has ended: no command can look there"}, h...)
		}
		return h
	case is(fault.ErrUnfinished):
		return []string{on("fastmigrate backup-db") + " undoes it first, as every command that writes does"}
	case is(core.ErrNoMigrations):
		return a.nameHints()
	case is(fault.ErrEmpty) && e.Op == "migrate":
		return []string{a.here("fastmigrate run-migrations --create") + " makes a database of it, and migrates it"}
	case is(fault.ErrEmpty):
		return []string{on("fastmigrate create-db") + " makes a database of it"}
	case is(core.ErrUnversioned):
		return []string{a.enrollHint()}
	case is(core.ErrVersioned) && !exists(a.dir):
		return []string{"is --migrations right? it names the directory with its migrations"}
	case is(core.ErrVersioned):
		return []string{a.here("fastmigrate status") + " shows how its migrations stand"}
	case is(fault.ErrPending):
		return []string{a.pendingHint()}
	case is(fault.ErrOtherTool):
		return []string{"--table NAME names it"}
	case e.Op == "adopt" && is(fault.ErrAbsent):
		return []string{"if the application defines it: adopt --no-replay believes that the migrations make the schema"}
	case e.Op == "enroll" && e.File != "0001-initial.sql" && is(fault.ErrAbsent):
		return []string{"if the application defines it: enroll-db --version N --no-replay believes that the migrations make the schema"}
	case e.Op == "adopt" && is(core.ErrRefused):
		return []string{"without its migrations, from the schema alone: " + on("fastmigrate enroll-db")}
	case e.Op == "adopt" && is(fs.ErrExist):
		return []string{"--migrations names another directory, made if needed"}
	case is(fault.ErrTaken):
		return []string{takenHint + ": sqlite3 " + quote(a.db) + " 'ALTER TABLE _meta RENAME TO app_meta'"}
	case is(fault.ErrUnrecorded):
		return []string{"programs can be --isolated; else nothing may do without a history: neither --no-history, nor history = no, nor a table _meta_history of the application's own, which has to have another name"}
	case is(fault.ErrHistory):
		return []string{"if an application made it, --no-history does without; programs that are not isolated, and .sql in steps, are refused then"}
	case is(fault.ErrRecord):
		return []string{"look at it: sqlite3 " + quote(a.db) + " 'SELECT * FROM _meta_history'; or restore a backup, as " + on("fastmigrate backups") + " shows them"}
	case is(core.ErrBusy):
		return []string{"--lock-timeout 5m waits longer"}
	case is(core.ErrForeignKey):
		h := builtins.KeyHints(err, e.File, "--no-foreign-key-check")
		copy(h, out) // which knows the columns
		if together := slices.Contains([]string{".sql", ".star"}, filepath.Ext(e.File)); together && !a.RunMigrations.Atomic && !a.Rehearse.Atomic {
			h = slices.Insert(h, 1, "if a later migration repairs it: "+a.here("fastmigrate run-migrations --atomic")+" checks once, at the end of all")
		}
		return h
	case is(syscall.ENOTDIR) && slices.Contains([]string{"restore", "list"}, e.Op), is(fs.ErrNotExist) && (slices.Contains([]string{"restore", "list", "resolve"}, e.Op) || a.command == "accept" || is(fault.ErrNoDatabase)):
		return a.absenceHints(err, e)
	case errors.As(err, new(unreadable)):
		return []string{"is --migrations right? it names a directory that can be read"}
	case e.Op == "adopt" && (is(fs.ErrNotExist) || is(syscall.ENOTDIR)):
		return []string{"is DIR right? it is where " + a.Adopt.From + " has its migrations: " + a.here("fastmigrate adopt --from "+a.Adopt.From+" DIR")}
	case is(fault.ErrBackwards):
		return []string{on("fastmigrate backups") + " shows what restore-db can go back to"}
	case is(fault.ErrNoVersion) && e.Op != "enroll":
		return []string{a.here("fastmigrate status") + " shows which there are"}
	case e.Op == "enroll" && e.File == "" && is(fs.ErrNotExist):
		return []string{"ls " + quote(dashed(a.dir)) + " shows which there are"}
	case e.Op == "enroll" && is(syscall.ENOTDIR):
		return []string{"is --migrations right? it names a directory, made if needed"}
	case e.Op == "create" && errors.As(err, new(*fs.PathError)):
		return []string{"is --db right? the directory of the database cannot be made there"}
	case is(fs.ErrNotExist) && a.command == "gen rebuild" && !is(fault.ErrNoDatabase):
		return []string{on("fastmigrate schema") + " shows which there are"}
	case is(fault.ErrApart):
		return []string{"without --atomic each is applied by itself: " + a.here("fastmigrate run-migrations")}
	case a.command == "backup-db" && errors.As(err, new(*fs.PathError)):
		return []string{"--to DIR makes it in another directory, made if needed"}
	case is(startest.ErrNoTests):
		return []string{in(a.dir, "fastmigrate test --all") + " checks every migration without any test; fastmigrate docs scratch_db shows how a test is written"}
	case e.Op == "wait for" && is(context.DeadlineExceeded):
		return []string{a.pendingHint(), "--timeout TIME waits longer"}
	case is(core.ErrNotDatabase) && (e.Op != "restore" || !isRegular(e.Path)):
		return a.notDatabase(e.Path)
	case e.Op == "restore" && (is(core.ErrCorrupt) || is(core.ErrNotDatabase)):
		return []string{on("fastmigrate backups") + " shows what backups there are"}
	case e.Op == "restore" && is(fault.ErrUncertain):
		return []string{"restore the one that is meant: " + on("fastmigrate restore-db BACKUP")}
	case e.Op == "restore" && is(fault.ErrPageSize):
		return []string{"when nobody has it open: sqlite3 " + quote(a.db) + " 'PRAGMA journal_mode = DELETE'; then again"}
	case is(fault.ErrDuplicate) && e.Op == "renumber":
		return []string{"rename the one that was not applied"}
	case is(fault.ErrDuplicate), is(fault.ErrOutOfOrder):
		h := []string{a.here("fastmigrate renumber") + " gives what comes too late the next free number"}
		if is(fault.ErrOutOfOrder) {
			h = append(h, "or apply what is out of order as it is: "+a.here("fastmigrate run-migrations --allow-out-of-order"))
		}
		return h
	case is(fault.ErrEdited) && e.File != "":
		return []string{"put it back as it was, or look at what changed: " + a.here("fastmigrate accept "+e.File[:4])}
	case is(fault.ErrEdited):
		return []string{"put them back as they were, or accept them one by one, as " + a.here("fastmigrate status") + " shows them"}
	case e.Op == "compare" && is(core.ErrRefused) && (strings.HasSuffix(e.File, ".py") || strings.HasSuffix(e.File, ".sh")):
		return []string{a.here("fastmigrate drift --skip-programs") + " compares without the programs"}
	case slices.Contains([]string{"compare", "fix", "rebuild"}, e.Op) && (is(fault.ErrMissing) || is(fault.ErrAhead)):
		return []string{"is --migrations right, and of the newest release? " + a.here("fastmigrate status") + " shows how the files stand"}
	case is(fault.ErrMissing):
		return []string{"is --migrations right? what is meant to be gone is passed over: " + a.here("fastmigrate run-migrations --allow-missing")}
	case is(fault.ErrAhead):
		return []string{"is --migrations right, and of the newest release? if it is meant to be old: " + a.here("fastmigrate run-migrations --allow-missing")}
	case is(errUnconfirmed):
		return []string{"--yes confirms it"}
	case is(core.ErrCorrupt):
		return []string{on("fastmigrate backups") + " shows what restore-db can put in its place; https://sqlite.org/recovery.html saves what can be read"}
	case is(core.ErrNotDatabase):
		return []string{"is --db right? it names the file of an SQLite database"}
	case is(fault.ErrAbsent) && e.Op == "enroll" && e.File == "0001-initial.sql":
		return []string{"only the application can make this: have a .py migration do it, and believe that it does: " + a.here("fastmigrate enroll-db --version N --no-replay")}
	case is(fs.ErrExist) && e.Op == "enroll":
		return []string{"if they are the history of this database: " + a.here("fastmigrate enroll-db --version N") + ", N being the last that it has"}
	case is(fault.ErrExists) && e.Line > 0, is(fault.ErrColumn) && addition.MatchString(e.Source):
		return []string{"the database has this already: was it changed without a migration?"}
	}
	return nil
}

// addition is a line that adds a column, and does not define a table.
var addition = regexp.MustCompile(`(?i)\badd\b`)

// nameHints guesses what to do with files that are no migrations: rename them,
// or take over those of a tool that adopt knows.
func (a *app) nameHints() []string {
	_, misnamed, err := a.options.Migrations(os.DirFS(a.dir))
	if err != nil || len(misnamed) == 0 {
		return []string{in(a.dir, "fastmigrate new DESCRIPTION") + " writes the first one"}
	}
	for _, m := range misnamed {
		if m.Rule != "" {
			return []string{"mv " + quote(filepath.Join(a.dir, m.Name)) + " " + quote(filepath.Join(a.dir, m.Rule))}
		}
	}
	for _, tool := range []string{"goose", "dbmate", "golang-migrate", "Alembic"} {
		if !strings.Contains(misnamed[0].Tool, tool) {
			continue
		}
		command := "fastmigrate adopt --from " + strings.ToLower(tool) + " " + quote(filepath.Dir(filepath.Join(a.dir, misnamed[0].Name)))
		return []string{"a database that " + tool + " migrated is taken over, with its migrations, by " + command + " --migrations NEW --db DB", "or name them NNNN-description.sql, from 0001-"}
	}
	return []string{"a migration is named NNNN-description.sql, .star, .py or .sh: " + in(a.dir, "fastmigrate new DESCRIPTION") + " writes one"}
}

// in is a command on a directory of migrations.
func in(dir, command string) string {
	if dir == "migrations" {
		return command
	}
	return command + " --migrations " + quote(dashed(dir))
}

// here is a command on this database and these migrations.
func (a *app) here(command string) string {
	for _, f := range []struct{ flag, value, usual string }{{"--db", a.db, "data/database.db"}, {"--migrations", a.dir, "migrations"}} {
		if f.value == f.usual {
			continue
		}
		command += " " + f.flag + " " + quote(dashed(f.value))
	}
	return command
}

// quote is a word as a shell reads it, and as it can be shown.
func quote(word string) string {
	if visible.Line(word) != word {
		return "$'" + visible.Line(strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(word)) + "'"
	}
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
