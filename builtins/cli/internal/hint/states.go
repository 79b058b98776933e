// What the states of errors lead to. The first of the rules that knows something is
// the hint; the narrower states stand above the wider ones.

package hint

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"fastmigrate/builtins"
	"fastmigrate/builtins/startest"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/regex"
	"fastmigrate/starlark"
)

// failure is an error, and what hints about it name.
type failure struct {
	Context
	*core.Error
	err  error
	ways []string // what helps where its key is known
}

func (f failure) is(state error) bool { return errors.Is(f.err, state) }

// op reports whether what failed is one of the operations.
func (f failure) op(ops ...fault.Op) bool { return slices.Contains(ops, f.Op) }

// known is [Context.For] by the key of an error, or else by its state.
func (c Context) known(err error) []string {
	f := failure{Context: c, Error: &core.Error{Err: err}, err: err, ways: c.WayOut(err)}
	errors.As(err, &f.Error)
	if own := (*starlark.Error)(nil); errors.As(err, &own) && own.Hint != "" {
		return own.Hints()
	}
	if f.ways != nil && !f.is(core.ErrInterrupted) && !f.is(core.ErrForeignKey) && !f.is(fault.ErrAbsent) {
		return f.ways
	}
	for _, rule := range []func(failure) []string{
		failure.interrupted, failure.unversioned, failure.adopting, failure.recorded, failure.absent, failure.refused, failure.restoring, failure.disagreeing, failure.otherwise,
	} {
		if hints := rule(f); hints != nil {
			return hints
		}
	}
	return nil
}

// interrupted is about what an earlier run left.
func (f failure) interrupted() []string {
	switch {
	case errors.As(f.err, new(Unreadable)) && f.is(fs.ErrNotExist):
		return []string{f.InDir("fastmigrate new DESCRIPTION") + " makes it, with the first migration; is --migrations right?"}
	case f.is(fault.ErrPartly) && !f.op(fault.OpMigrate):
		return []string{f.On("fastmigrate run-migrations") + " continues where it stopped"}
	case f.is(fault.ErrInTheWay):
		h := []string{"if it may go, remove it; then the next run makes it"}
		if f.Kept > 0 || f.is(core.ErrInterrupted) {
			h = append(h, "or, if all of "+f.File+" happened: "+f.OnDB("fastmigrate resolve --completed"))
		}
		return h
	case f.is(core.ErrInterrupted):
		h := append(f.ways,
			"look at what it left; then, if all of it happened: "+f.OnDB("fastmigrate resolve --completed"),
			"or, if it may run again from its start: "+f.OnDB("fastmigrate resolve --rolled-back"))
		if f.is(fault.ErrElsewhere) {
			h = append([]string{"first make sure, where it was started, that it has ended: no command can look there"}, h...)
		}
		return h
	case f.is(fault.ErrUnfinished):
		return []string{f.OnDB("fastmigrate backup-db") + " undoes it first, as every command that writes does"}
	}
	return nil
}

// unversioned is about a database without a version, and one with.
func (f failure) unversioned() []string {
	switch {
	case f.is(fault.ErrNoMigrations):
		return f.nameHints()
	case f.is(fault.ErrEmpty) && f.op(fault.OpMigrate):
		return []string{f.On("fastmigrate run-migrations --create") + " makes a database of it, and migrates it"}
	case f.is(fault.ErrEmpty):
		return []string{f.OnDB("fastmigrate create-db") + " makes a database of it"}
	case f.is(core.ErrUnversioned):
		return []string{f.enrollHint()}
	case f.is(core.ErrVersioned) && !exists(f.Dir):
		return []string{"is --migrations right? it names the directory with its migrations"}
	case f.is(core.ErrVersioned):
		return []string{f.On("fastmigrate status") + " shows how its migrations stand"}
	case f.is(fault.ErrPending):
		return []string{f.pendingHint()}
	}
	return nil
}

// adopting is about a database that was made elsewhere.
func (f failure) adopting() []string {
	switch {
	case f.is(fault.ErrOtherTool):
		return []string{"--table NAME names it"}
	case f.op(fault.OpAdopt) && f.is(fault.ErrAbsent):
		return []string{"if the application defines it: adopt --no-replay believes that the migrations make the schema"}
	case f.op(fault.OpEnroll) && f.File != "0001-initial.sql" && f.is(fault.ErrAbsent):
		return []string{"if the application defines it: enroll-db --version N --no-replay believes that the migrations make the schema"}
	case f.op(fault.OpAdopt) && f.is(core.ErrRefused):
		return []string{"without its migrations, from the schema alone: " + f.OnDB("fastmigrate enroll-db")}
	case f.op(fault.OpAdopt) && f.is(fs.ErrExist):
		return []string{"--migrations names another directory, made if needed"}
	}
	return nil
}

// recorded is about the tables of the version and the history, locks and keys.
func (f failure) recorded() []string {
	switch {
	case f.is(fault.ErrTaken):
		return []string{takenHint + ": sqlite3 " + Quote(f.DB) + " 'ALTER TABLE _meta RENAME TO app_meta'"}
	case f.is(fault.ErrUnrecorded):
		return []string{"programs can be --isolated; else nothing may do without a history: neither --no-history, nor history = no, nor a table _meta_history of the application's own, which has to have another name"}
	case f.is(fault.ErrHistory):
		return []string{"if an application made it, --no-history does without; programs that are not isolated, and .sql in steps, are refused then"}
	case f.is(fault.ErrRecord):
		return []string{"look at it: sqlite3 " + Quote(f.DB) + " 'SELECT * FROM _meta_history'; or restore a backup, as " + f.OnDB("fastmigrate backups") + " shows them"}
	case f.is(core.ErrBusy):
		return []string{"--lock-timeout 5m waits longer"}
	case f.is(core.ErrForeignKey):
		h := builtins.KeyHints(f.err, f.File, "--no-foreign-key-check")
		copy(h, f.ways) // which knows the columns
		if together := slices.Contains([]string{".sql", ".star"}, filepath.Ext(f.File)); together && !f.Atomic {
			h = slices.Insert(h, 1, "if a later migration repairs it: "+f.On("fastmigrate run-migrations --atomic")+" checks once, at the end of all")
		}
		return h
	}
	return nil
}

// absent is about a file or directory that is missing or cannot be made.
func (f failure) absent() []string {
	switch link := filepath.Join(f.Dir, f.File); {
	case f.File != "" && f.is(fs.ErrNotExist) && isLink(link):
		return []string{"put back what it leads to, or remove it: ls -l " + QuotePath(link) + " shows where it leads"}
	case f.is(syscall.ENOTDIR) && f.op(fault.OpRestore, fault.OpList), f.is(fs.ErrNotExist) && (f.op(fault.OpRestore, fault.OpList, fault.OpResolve) || f.Command == "accept" || f.is(fault.ErrNoDatabase)):
		return f.missing()
	case errors.As(f.err, new(Unreadable)):
		return []string{"is --migrations right? it names a directory that can be read"}
	case f.op(fault.OpAdopt) && (f.is(fs.ErrNotExist) || f.is(syscall.ENOTDIR)):
		return []string{"is DIR right? it is where " + f.Tool + " has its migrations: " + f.On("fastmigrate adopt --from "+f.Tool+" DIR")}
	case f.is(fault.ErrBackwards):
		return []string{f.OnDB("fastmigrate backups") + " shows what restore-db can go back to"}
	case f.is(fault.ErrNoVersion) && !f.op(fault.OpEnroll):
		return []string{f.On("fastmigrate status") + " shows which there are"}
	case f.op(fault.OpEnroll) && f.File == "" && f.is(fs.ErrNotExist):
		return []string{"ls " + QuotePath(f.Dir) + " shows which there are"}
	case f.op(fault.OpEnroll) && f.is(syscall.ENOTDIR):
		return []string{"is --migrations right? it names a directory, made if needed"}
	case f.op(fault.OpCreate) && errors.As(f.err, new(*fs.PathError)):
		return []string{"is --db right? the directory of the database cannot be made there"}
	case f.is(fs.ErrNotExist) && f.Command == "gen rebuild" && !f.is(fault.ErrNoDatabase):
		return []string{f.OnDB("fastmigrate schema") + " shows which there are"}
	}
	return nil
}

// missing is about a database, a directory or a backup that is not there. An empty
// list: no other rule is asked.
func (f failure) missing() []string {
	elsewhere := "--from DIR looks for backups in another directory"
	switch {
	case f.is(fault.ErrNoBackup):
		return []string{f.OnDB("fastmigrate backups") + " shows what backups there are", elsewhere}
	case f.op(fault.OpRestore) && exists(filepath.Dir(f.DB)):
		return []string{f.OnDB("fastmigrate backups") + " shows what backups there are"}
	case f.op(fault.OpRestore, fault.OpList):
		return []string{elsewhere + "; is --db right?"}
	case f.op(fault.OpEnroll, fault.OpAdopt):
		return []string{"is --db right? it names the database that is there already"}
	case f.is(fault.ErrNoDatabase) && slices.Contains([]string{"run-migrations", "rehearse", "status", "wait", "drift"}, f.Command):
		return []string{f.On("fastmigrate run-migrations --create") + " makes a new database and applies the migrations; is the path right?"}
	case f.is(fault.ErrNoDatabase):
		return []string{f.OnDB("fastmigrate create-db") + " makes a new database; is the path right?"}
	case f.op(fault.OpResolve), f.Command == "accept" && f.Op != "": // nothing was interrupted, or edited
		return []string{f.On("fastmigrate status") + " shows how the migrations stand"}
	}
	return []string{}
}

// refused is about what cannot be as it is asked for.
func (f failure) refused() []string {
	switch {
	case f.is(fault.ErrApart):
		return []string{"without --atomic each is applied by itself: " + f.On("fastmigrate run-migrations")}
	case f.Command == "backup-db" && errors.As(f.err, new(*fs.PathError)):
		return []string{"--to DIR makes it in another directory, made if needed"}
	case f.is(startest.ErrNoTests):
		return []string{f.InDir("fastmigrate test --all") + " checks every migration without any test; fastmigrate docs scratch_db shows how a test is written"}
	case f.op(fault.OpWait) && f.is(context.DeadlineExceeded):
		return []string{f.pendingHint(), "--timeout TIME waits longer"}
	}
	return nil
}

// restoring is about backups, and files that are none.
func (f failure) restoring() []string {
	switch {
	case f.is(core.ErrNotDatabase) && (!f.op(fault.OpRestore) || !isRegular(f.Path)):
		return f.notDatabase(f.Path)
	case f.op(fault.OpRestore) && (f.is(core.ErrCorrupt) || f.is(core.ErrNotDatabase)):
		return []string{f.OnDB("fastmigrate backups") + " shows what backups there are"}
	case f.op(fault.OpRestore) && f.is(fault.ErrUncertain):
		return []string{"restore the one that is meant: " + f.OnDB("fastmigrate restore-db BACKUP")}
	case f.op(fault.OpRestore) && f.is(fault.ErrPageSize):
		return []string{"when nobody has it open: sqlite3 " + Quote(f.DB) + " 'PRAGMA journal_mode = DELETE'; then again"}
	}
	return nil
}

// disagreeing is about migrations that do not fit to what was applied.
func (f failure) disagreeing() []string {
	switch {
	case f.is(fault.ErrDuplicate) && f.op(fault.OpRenumber):
		return []string{"rename the one that was not applied"}
	case f.is(fault.ErrDuplicate), f.is(fault.ErrOutOfOrder):
		h := []string{f.On("fastmigrate renumber") + " gives what comes too late the next free number"}
		if f.is(fault.ErrOutOfOrder) {
			h = append(h, "or apply what is out of order as it is: "+f.On("fastmigrate run-migrations --allow-out-of-order"))
		}
		return h
	case f.is(fault.ErrEdited) && f.File != "":
		return []string{"put it back as it was, or look at what changed: " + f.On("fastmigrate accept "+f.File[:4])}
	case f.is(fault.ErrEdited):
		return []string{"put them back as they were, or accept them one by one, as " + f.On("fastmigrate status") + " shows them"}
	case f.op(fault.OpCompare, fault.OpFix) && f.is(fault.ErrAbsent):
		return []string{"if the application defines it: " + f.OnDB("fastmigrate schema --check FILE") + " compares the schema with one that schema --output wrote, and runs no migration"}
	case f.op(fault.OpCompare) && f.is(core.ErrRefused) && (strings.HasSuffix(f.File, ".py") || strings.HasSuffix(f.File, ".sh")):
		return []string{f.On("fastmigrate drift --skip-programs") + " compares without the programs"}
	case f.op(fault.OpCompare, fault.OpFix, fault.OpRebuild) && (f.is(fault.ErrMissing) || f.is(fault.ErrAhead)):
		return []string{"is --migrations right, and of the newest release? " + f.On("fastmigrate status") + " shows how the files stand"}
	case f.is(fault.ErrMissing):
		return []string{"is --migrations right? if the files are gone on purpose: " + f.On("fastmigrate run-migrations --allow-missing")}
	case f.is(fault.ErrAhead):
		return []string{"is --migrations right, and of the newest release? if it is meant to be old: " + f.On("fastmigrate run-migrations --allow-missing")}
	}
	return nil
}

// otherwise is about all else.
func (f failure) otherwise() []string {
	switch {
	case f.is(ErrUnconfirmed):
		return []string{"--yes confirms it"}
	case f.is(core.ErrCorrupt):
		return []string{f.OnDB("fastmigrate backups") + " shows what restore-db can put in its place; https://sqlite.org/recovery.html saves what can be read"}
	case f.is(core.ErrNotDatabase):
		return []string{"is --db right? it names the file of an SQLite database"}
	case f.is(fault.ErrAbsent) && f.op(fault.OpEnroll) && f.File == "0001-initial.sql":
		return []string{"only the application can make this: have a .py migration do it, and believe that it does: " + f.On("fastmigrate enroll-db --version N --no-replay")}
	case f.is(fs.ErrExist) && f.op(fault.OpEnroll):
		return []string{"if they are the history of this database: " + f.On("fastmigrate enroll-db --version N") + ", N being the last that it has"}
	case f.is(fault.ErrExists) && f.Line > 0, f.is(fault.ErrColumn) && addition.MatchString(f.Source):
		return []string{"the database has this already: was it changed without a migration?"}
	}
	return nil
}

// addition is a line that adds a column, and does not define a table.
var addition = regex.New(`(?i)\badd\b`)
