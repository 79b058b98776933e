package hint

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

// Context is what hints name, and what else they depend on.
type Context struct {
	DB      string       // path of the database
	Dir     string       // directory of the migrations
	Command string       // that runs; "": none is known yet
	Tool    string       // that a database is adopted from; "": none
	Atomic  bool         // all migrations are one transaction already
	Options core.Options // with which migrations are read
}

// For guesses what to do about an error: each is a line. Nil: nothing is known.
func (c Context) For(err error) []string {
	if h := (hinted{}); errors.As(err, &h) {
		return []string{h.hint}
	}
	if hints := c.forUsage(err); hints != nil {
		return hints
	}
	return slices.Concat(c.known(err), Added(err))
}

// known is For, where the error says nothing of it.
func (c Context) known(err error) []string {
	e := &core.Error{Err: err}
	errors.As(err, &e)
	on := c.OnDB
	is := func(target error) bool { return errors.Is(err, target) }
	if own := (*starlark.Error)(nil); errors.As(err, &own) && own.Hint != "" {
		return own.Hints()
	}
	out := c.WayOut(err)
	if out != nil && !is(core.ErrInterrupted) && !is(core.ErrForeignKey) && !is(fault.ErrAbsent) {
		return out
	}
	switch {
	case errors.As(err, new(Unreadable)) && is(fs.ErrNotExist):
		return []string{c.InDir("fastmigrate new DESCRIPTION") + " makes it, with the first migration; is --migrations right?"}
	case is(fault.ErrPartly) && e.Op != "migrate":
		return []string{c.On("fastmigrate run-migrations") + " goes on after that part"}
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
		return c.nameHints()
	case is(fault.ErrEmpty) && e.Op == "migrate":
		return []string{c.On("fastmigrate run-migrations --create") + " makes a database of it, and migrates it"}
	case is(fault.ErrEmpty):
		return []string{on("fastmigrate create-db") + " makes a database of it"}
	case is(core.ErrUnversioned):
		return []string{c.enrollHint()}
	case is(core.ErrVersioned) && !exists(c.Dir):
		return []string{"is --migrations right? it names the directory with its migrations"}
	case is(core.ErrVersioned):
		return []string{c.On("fastmigrate status") + " shows how its migrations stand"}
	case is(fault.ErrPending):
		return []string{c.pendingHint()}
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
		return []string{takenHint + ": sqlite3 " + Quote(c.DB) + " 'ALTER TABLE _meta RENAME TO app_meta'"}
	case is(fault.ErrUnrecorded):
		return []string{"programs can be --isolated; else nothing may do without a history: neither --no-history, nor history = no, nor a table _meta_history of the application's own, which has to have another name"}
	case is(fault.ErrHistory):
		return []string{"if an application made it, --no-history does without; programs that are not isolated, and .sql in steps, are refused then"}
	case is(fault.ErrRecord):
		return []string{"look at it: sqlite3 " + Quote(c.DB) + " 'SELECT * FROM _meta_history'; or restore a backup, as " + on("fastmigrate backups") + " shows them"}
	case is(core.ErrBusy):
		return []string{"--lock-timeout 5m waits longer"}
	case is(core.ErrForeignKey):
		h := builtins.KeyHints(err, e.File, "--no-foreign-key-check")
		copy(h, out) // which knows the columns
		if together := slices.Contains([]string{".sql", ".star"}, filepath.Ext(e.File)); together && !c.Atomic {
			h = slices.Insert(h, 1, "if a later migration repairs it: "+c.On("fastmigrate run-migrations --atomic")+" checks once, at the end of all")
		}
		return h
	case is(syscall.ENOTDIR) && slices.Contains([]string{"restore", "list"}, e.Op), is(fs.ErrNotExist) && (slices.Contains([]string{"restore", "list", "resolve"}, e.Op) || c.Command == "accept" || is(fault.ErrNoDatabase)):
		return c.absenceHints(err, e)
	case errors.As(err, new(Unreadable)):
		return []string{"is --migrations right? it names a directory that can be read"}
	case e.Op == "adopt" && (is(fs.ErrNotExist) || is(syscall.ENOTDIR)):
		return []string{"is DIR right? it is where " + c.Tool + " has its migrations: " + c.On("fastmigrate adopt --from "+c.Tool+" DIR")}
	case is(fault.ErrBackwards):
		return []string{on("fastmigrate backups") + " shows what restore-db can go back to"}
	case is(fault.ErrNoVersion) && e.Op != "enroll":
		return []string{c.On("fastmigrate status") + " shows which there are"}
	case e.Op == "enroll" && e.File == "" && is(fs.ErrNotExist):
		return []string{"ls " + QuotePath(c.Dir) + " shows which there are"}
	case e.Op == "enroll" && is(syscall.ENOTDIR):
		return []string{"is --migrations right? it names a directory, made if needed"}
	case e.Op == "create" && errors.As(err, new(*fs.PathError)):
		return []string{"is --db right? the directory of the database cannot be made there"}
	case is(fs.ErrNotExist) && c.Command == "gen rebuild" && !is(fault.ErrNoDatabase):
		return []string{on("fastmigrate schema") + " shows which there are"}
	case is(fault.ErrApart):
		return []string{"without --atomic each is applied by itself: " + c.On("fastmigrate run-migrations")}
	case c.Command == "backup-db" && errors.As(err, new(*fs.PathError)):
		return []string{"--to DIR makes it in another directory, made if needed"}
	case is(startest.ErrNoTests):
		return []string{c.InDir("fastmigrate test --all") + " checks every migration without any test; fastmigrate docs scratch_db shows how a test is written"}
	case e.Op == "wait for" && is(context.DeadlineExceeded):
		return []string{c.pendingHint(), "--timeout TIME waits longer"}
	case is(core.ErrNotDatabase) && (e.Op != "restore" || !isRegular(e.Path)):
		return c.notDatabase(e.Path)
	case e.Op == "restore" && (is(core.ErrCorrupt) || is(core.ErrNotDatabase)):
		return []string{on("fastmigrate backups") + " shows what backups there are"}
	case e.Op == "restore" && is(fault.ErrUncertain):
		return []string{"restore the one that is meant: " + on("fastmigrate restore-db BACKUP")}
	case e.Op == "restore" && is(fault.ErrPageSize):
		return []string{"when nobody has it open: sqlite3 " + Quote(c.DB) + " 'PRAGMA journal_mode = DELETE'; then again"}
	case is(fault.ErrDuplicate) && e.Op == "renumber":
		return []string{"rename the one that was not applied"}
	case is(fault.ErrDuplicate), is(fault.ErrOutOfOrder):
		h := []string{c.On("fastmigrate renumber") + " gives what comes too late the next free number"}
		if is(fault.ErrOutOfOrder) {
			h = append(h, "or apply what is out of order as it is: "+c.On("fastmigrate run-migrations --allow-out-of-order"))
		}
		return h
	case is(fault.ErrEdited) && e.File != "":
		return []string{"put it back as it was, or look at what changed: " + c.On("fastmigrate accept "+e.File[:4])}
	case is(fault.ErrEdited):
		return []string{"put them back as they were, or accept them one by one, as " + c.On("fastmigrate status") + " shows them"}
	case e.Op == "compare" && is(core.ErrRefused) && (strings.HasSuffix(e.File, ".py") || strings.HasSuffix(e.File, ".sh")):
		return []string{c.On("fastmigrate drift --skip-programs") + " compares without the programs"}
	case slices.Contains([]string{"compare", "fix", "rebuild"}, e.Op) && (is(fault.ErrMissing) || is(fault.ErrAhead)):
		return []string{"is --migrations right, and of the newest release? " + c.On("fastmigrate status") + " shows how the files stand"}
	case is(fault.ErrMissing):
		return []string{"is --migrations right? what is meant to be gone is passed over: " + c.On("fastmigrate run-migrations --allow-missing")}
	case is(fault.ErrAhead):
		return []string{"is --migrations right, and of the newest release? if it is meant to be old: " + c.On("fastmigrate run-migrations --allow-missing")}
	case is(ErrUnconfirmed):
		return []string{"--yes confirms it"}
	case is(core.ErrCorrupt):
		return []string{on("fastmigrate backups") + " shows what restore-db can put in its place; https://sqlite.org/recovery.html saves what can be read"}
	case is(core.ErrNotDatabase):
		return []string{"is --db right? it names the file of an SQLite database"}
	case is(fault.ErrAbsent) && e.Op == "enroll" && e.File == "0001-initial.sql":
		return []string{"only the application can make this: have a .py migration do it, and believe that it does: " + c.On("fastmigrate enroll-db --version N --no-replay")}
	case is(fs.ErrExist) && e.Op == "enroll":
		return []string{"if they are the history of this database: " + c.On("fastmigrate enroll-db --version N") + ", N being the last that it has"}
	case is(fault.ErrExists) && e.Line > 0, is(fault.ErrColumn) && addition.MatchString(e.Source):
		return []string{"the database has this already: was it changed without a migration?"}
	}
	return nil
}

// addition is a line that adds a column, and does not define a table.
var addition = regexp.MustCompile(`(?i)\badd\b`)

// nameHints guesses what to do with files that are no migrations: rename them,
// or take over those of a tool that adopt knows.
func (c Context) nameHints() []string {
	_, misnamed, err := c.Options.Migrations(os.DirFS(c.Dir))
	if err != nil || len(misnamed) == 0 {
		return []string{c.InDir("fastmigrate new DESCRIPTION") + " writes the first one"}
	}
	for _, m := range misnamed {
		if m.Rule != "" {
			return []string{"mv " + Quote(filepath.Join(c.Dir, m.Name)) + " " + Quote(filepath.Join(c.Dir, m.Rule))}
		}
	}
	for _, tool := range []string{"goose", "dbmate", "golang-migrate", "Alembic"} {
		if !strings.Contains(misnamed[0].Tool, tool) {
			continue
		}
		command := "fastmigrate adopt --from " + strings.ToLower(tool) + " " + Quote(filepath.Dir(filepath.Join(c.Dir, misnamed[0].Name)))
		return []string{"a database that " + tool + " migrated is taken over, with its migrations, by " + command + " --migrations NEW --db DB", "or name them NNNN-description.sql, from 0001-"}
	}
	return []string{"a migration is named NNNN-description.sql, .star, .py or .sh: " + c.InDir("fastmigrate new DESCRIPTION") + " writes one"}
}

// InDir is a command on these migrations.
func (c Context) InDir(command string) string {
	if c.Dir == "migrations" {
		return command
	}
	return command + " --migrations " + QuotePath(c.Dir)
}

// On is a command on this database and these migrations.
func (c Context) On(command string) string {
	for _, f := range []struct{ flag, value, usual string }{{"--db", c.DB, "data/database.db"}, {"--migrations", c.Dir, "migrations"}} {
		if f.value == f.usual {
			continue
		}
		command += " " + f.flag + " " + QuotePath(f.value)
	}
	return command
}

// QuotePath is a path as a shell reads it, which no command takes for a flag.
func QuotePath(path string) string { return Quote(dashed(path)) }

// Quote is a word as a shell reads it, and as it can be shown.
func Quote(word string) string {
	if visible.Line(word) != word {
		return "$'" + visible.Line(strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(word)) + "'"
	}
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
