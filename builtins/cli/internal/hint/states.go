// Hints for the states of errors. The first rule that matches gives the hint, so narrow
// states come before wide ones.

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

// failure is an error, and the context of its hints.
type failure struct {
	Context
	*core.Error
	err  error
	ways []string // hints from its key, nil: none
}

func (f failure) is(state error) bool { return errors.Is(f.err, state) }

// op reports whether one of the operations failed.
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

// interrupted is about the remains of an earlier run.
func (f failure) interrupted() []string {
	switch {
	case errors.As(f.err, new(Unreadable)) && f.is(fs.ErrNotExist):
		return []string{f.InDir("fastmigrate new DESCRIPTION") + " creates it, with the first migration; is --migrations right?"}
	case f.is(fault.ErrPartly) && !f.op(fault.OpMigrate):
		return []string{f.On("fastmigrate run-migrations") + " continues where it stopped"}
	case f.is(fault.ErrInTheWay):
		h := []string{"if you do not need it, remove it; the next run then creates it"}
		if f.Kept > 0 || f.is(core.ErrInterrupted) {
			h = append(h, "or, if "+f.File+" was applied completely: "+f.OnDB("fastmigrate resolve --completed"))
		}
		return h
	case f.is(core.ErrInterrupted):
		h := append(f.ways,
			"check what it left behind; then, if it was applied completely: "+f.OnDB("fastmigrate resolve --completed"),
			"or, if it can run again from the beginning: "+f.OnDB("fastmigrate resolve --rolled-back"))
		if f.is(fault.ErrElsewhere) {
			h = append([]string{"first make sure, on the machine where it was started, that it has ended: this program cannot check there"}, h...)
		}
		return h
	case f.is(fault.ErrUnfinished):
		return []string{f.OnDB("fastmigrate backup-db") + " first rolls it back, as every command that writes does"}
	}
	return nil
}

// unversioned is about a database without a version, and one with.
func (f failure) unversioned() []string {
	switch {
	case f.is(fault.ErrNoMigrations):
		return f.nameHints()
	case f.is(fault.ErrEmpty) && f.op(fault.OpMigrate):
		return []string{f.On("fastmigrate run-migrations --create") + " makes it a database, and migrates it"}
	case f.is(fault.ErrEmpty):
		return []string{f.OnDB("fastmigrate create-db") + " makes it a database"}
	case f.is(core.ErrUnversioned):
		return []string{f.enrollHint()}
	case f.is(core.ErrVersioned) && !exists(f.Dir):
		return []string{"is --migrations right? it names the migrations directory"}
	case f.is(core.ErrVersioned):
		return []string{f.On("fastmigrate status") + " shows the state of its migrations"}
	case f.is(fault.ErrPending):
		return []string{f.pendingHint()}
	}
	return nil
}

// adopting is about a database that was created elsewhere.
func (f failure) adopting() []string {
	switch {
	case f.is(fault.ErrOtherTool):
		return []string{"--table NAME names the table"}
	case f.op(fault.OpAdopt) && f.is(fault.ErrAbsent):
		return []string{"if the application defines it: adopt --no-replay skips the check of the schema"}
	case f.op(fault.OpEnroll) && f.File != "0001-initial.sql" && f.is(fault.ErrAbsent):
		return []string{"if the application defines it: enroll-db --version N --no-replay skips the check of the schema"}
	case f.op(fault.OpAdopt) && f.is(core.ErrRefused):
		return []string{"without its migrations, from the schema alone: " + f.OnDB("fastmigrate enroll-db")}
	case f.op(fault.OpAdopt) && f.is(fs.ErrExist):
		return []string{"--migrations names another directory, created if needed"}
	}
	return nil
}

// recorded is about the tables of the version and the history, locks and keys.
func (f failure) recorded() []string {
	switch {
	case f.is(fault.ErrTaken):
		return []string{takenHint + ": sqlite3 " + Quote(f.DB) + " 'ALTER TABLE _meta RENAME TO app_meta'"}
	case f.is(core.ErrMeta):
		return []string{"look at it: sqlite3 " + Quote(f.DB) + " 'SELECT * FROM _meta'; or restore a backup: " + f.OnDB("fastmigrate backups") + " lists them"}
	case f.is(fault.ErrUnrecorded):
		return []string{"programs can run --isolated; otherwise the history is needed: remove --no-history or history = no, or rename the application's own table _meta_history"}
	case f.is(fault.ErrHistory):
		return []string{"if an application created it, use --no-history; programs that are not isolated and .sql migrations in steps are then refused"}
	case f.is(fault.ErrRecord):
		return []string{"look at it: sqlite3 " + Quote(f.DB) + " 'SELECT * FROM _meta_history'; or restore a backup: " + f.OnDB("fastmigrate backups") + " lists them"}
	case f.is(core.ErrBusy):
		return []string{"--lock-timeout 5m waits longer"}
	case f.is(core.ErrForeignKey):
		h := builtins.KeyHints(f.err, f.File, "--no-foreign-key-check")
		copy(h, f.ways) // which name the columns
		if together := slices.Contains([]string{".sql", ".star"}, filepath.Ext(f.File)); together && !f.Atomic {
			h = slices.Insert(h, 1, "if a later migration repairs it: "+f.On("fastmigrate run-migrations --atomic")+" checks once, after all of them")
		}
		return h
	}
	return nil
}

// absent is about a file or directory that is missing or cannot be created.
func (f failure) absent() []string {
	switch link := filepath.Join(f.Dir, f.File); {
	case f.File != "" && f.is(fs.ErrNotExist) && isLink(link):
		return []string{"restore its target, or remove it:  ls -l " + QuotePath(link) + " shows where it leads"}
	case f.is(syscall.ENOTDIR) && f.op(fault.OpRestore, fault.OpList), f.is(fs.ErrNotExist) && (f.op(fault.OpRestore, fault.OpList, fault.OpResolve) || f.Command == "accept" || f.is(fault.ErrNoDatabase)):
		return f.missing()
	case errors.As(f.err, new(Unreadable)):
		return []string{"is --migrations right? it must name a readable directory"}
	case f.op(fault.OpAdopt) && (f.is(fs.ErrNotExist) || f.is(syscall.ENOTDIR)):
		return []string{"is DIR right? it must be the directory with the migrations of " + f.Tool + ": " + f.On("fastmigrate adopt --from "+f.Tool+" DIR")}
	case f.is(fault.ErrBackwards):
		return []string{f.OnDB("fastmigrate backups") + " lists the backups that restore-db can restore"}
	case f.is(fault.ErrNoVersion) && !f.op(fault.OpEnroll):
		return []string{f.On("fastmigrate status") + " lists the versions"}
	case f.op(fault.OpEnroll) && f.File == "" && f.is(fs.ErrNotExist):
		return []string{"ls " + QuotePath(f.Dir) + " shows which there are"}
	case f.op(fault.OpEnroll) && f.is(syscall.ENOTDIR):
		return []string{"is --migrations right? it must name a directory, created if needed"}
	case f.op(fault.OpCreate) && errors.As(f.err, new(*fs.PathError)):
		return []string{"is --db right? the directory of the database cannot be created"}
	case f.is(fs.ErrNotExist) && f.Command == "gen rebuild" && !f.is(fault.ErrNoDatabase):
		return []string{f.OnDB("fastmigrate schema") + " shows which there are"}
	}
	return nil
}

// missing is about a database, a directory or a backup that does not exist. If it returns
// an empty list, no other rule is asked.
func (f failure) missing() []string {
	elsewhere := "--from DIR looks for backups in another directory"
	switch {
	case f.is(fault.ErrNoBackup):
		return []string{f.OnDB("fastmigrate backups") + " lists the backups", elsewhere}
	case f.op(fault.OpRestore) && exists(filepath.Dir(f.DB)):
		return []string{f.OnDB("fastmigrate backups") + " lists the backups"}
	case f.op(fault.OpRestore, fault.OpList):
		return []string{elsewhere + "; is --db right?"}
	case f.op(fault.OpEnroll, fault.OpAdopt):
		return []string{"is --db right? it must name an existing database"}
	case f.is(fault.ErrNoDatabase) && slices.Contains([]string{"run-migrations", "rehearse", "status", "wait", "drift"}, f.Command):
		return []string{f.On("fastmigrate run-migrations --create") + " creates a new database and applies the migrations; is the path right?"}
	case f.is(fault.ErrNoDatabase):
		return []string{f.OnDB("fastmigrate create-db") + " creates a new database; is the path right?"}
	case f.op(fault.OpResolve), f.Command == "accept" && f.Op != "": // nothing was interrupted, or edited
		return []string{f.On("fastmigrate status") + " shows the state of the migrations"}
	}
	return []string{}
}

// refused is about requests that cannot be met.
func (f failure) refused() []string {
	switch {
	case f.is(fault.ErrApart):
		return []string{"without --atomic, each is applied on its own: " + f.On("fastmigrate run-migrations")}
	case f.Command == "backup-db" && errors.As(f.err, new(*fs.PathError)):
		return []string{"--to DIR writes it to another directory, created if needed"}
	case f.is(startest.ErrNoTests):
		return []string{f.InDir("fastmigrate test --all") + " checks every migration without tests; fastmigrate docs scratch_db shows how to write one"}
	case f.op(fault.OpWait) && f.is(context.DeadlineExceeded):
		return []string{f.pendingHint(), "--timeout TIME waits longer"}
	}
	return nil
}

// restoring is about backups, and files that are not backups.
func (f failure) restoring() []string {
	switch {
	case f.is(core.ErrNotDatabase) && (!f.op(fault.OpRestore) || !isRegular(f.Path)):
		return f.notDatabase(f.Path)
	case f.op(fault.OpRestore) && (f.is(core.ErrCorrupt) || f.is(core.ErrNotDatabase)):
		return []string{f.OnDB("fastmigrate backups") + " lists the backups"}
	case f.op(fault.OpRestore) && f.is(fault.ErrUncertain):
		return []string{"choose the backup to restore: " + f.OnDB("fastmigrate restore-db BACKUP")}
	case f.op(fault.OpRestore) && f.is(fault.ErrPageSize):
		return []string{"when no program has it open:  sqlite3 " + Quote(f.DB) + " 'PRAGMA journal_mode = DELETE'; then again"}
	}
	return nil
}

// disagreeing is about migrations that do not match the history.
func (f failure) disagreeing() []string {
	switch {
	case f.is(fault.ErrDuplicate) && f.op(fault.OpRenumber):
		return []string{"rename the one that was not applied"}
	case f.is(fault.ErrDuplicate), f.is(fault.ErrOutOfOrder):
		late := "it"
		if f.is(fault.ErrDuplicate) {
			late = "one of them"
		}
		h := []string{f.On("fastmigrate renumber") + " gives " + late + " the next free number"}
		if f.is(fault.ErrOutOfOrder) {
			h = append(h, "or apply it out of order: "+f.On("fastmigrate run-migrations --allow-out-of-order"))
		}
		return h
	case f.is(fault.ErrEdited) && f.File != "":
		return []string{"restore the file as it was, or see what changed, and accept it: " + f.On("fastmigrate accept "+f.File[:4])}
	case f.is(fault.ErrEdited):
		return []string{"restore the files as they were, or accept them one by one: " + f.On("fastmigrate status") + " lists them"}
	case f.op(fault.OpCompare, fault.OpFix) && f.is(fault.ErrAbsent):
		return []string{"if the application defines it: " + f.OnDB("fastmigrate schema --check FILE") + " compares the schema to one that schema --output wrote, and runs no migrations"}
	case f.op(fault.OpCompare) && f.is(core.ErrRefused) && (strings.HasSuffix(f.File, ".py") || strings.HasSuffix(f.File, ".sh")):
		return []string{f.On("fastmigrate drift --skip-programs") + " compares without running programs"}
	case f.op(fault.OpCompare, fault.OpFix, fault.OpRebuild) && (f.is(fault.ErrMissing) || f.is(fault.ErrAhead)):
		return []string{"is --migrations right, and up to date? " + f.On("fastmigrate status") + " shows the state of the files"}
	case f.is(fault.ErrMissing):
		return []string{"is --migrations right? if the files were removed on purpose: " + f.On("fastmigrate run-migrations --allow-missing")}
	case f.is(fault.ErrAhead):
		return []string{"is --migrations right, and up to date? to keep the older files: " + f.On("fastmigrate run-migrations --allow-missing")}
	}
	return nil
}

// otherwise is about everything else.
func (f failure) otherwise() []string {
	switch {
	case f.is(ErrUnconfirmed):
		return []string{"--yes confirms it"}
	case f.is(fs.ErrPermission) && f.Path != "" && f.File == "" && !errors.As(f.err, new(syscall.Errno)): // else another directory may be meant, which the error names
		return []string{"ls -ld " + QuotePath(filepath.Dir(f.Path)) + " " + QuotePath(f.Path) + " shows who has permission: run fastmigrate as that user"}
	case f.is(core.ErrCorrupt):
		return []string{f.OnDB("fastmigrate backups") + " lists the backups that restore-db can restore; https://sqlite.org/recovery.html describes how to save what is readable"}
	case f.is(core.ErrNotDatabase):
		return []string{"is --db right? it must name an SQLite database"}
	case f.is(fault.ErrAbsent) && f.op(fault.OpEnroll) && f.File == "0001-initial.sql":
		return []string{"only the application can create this: do it in a .py migration, and enroll without the check: " + f.On("fastmigrate enroll-db --version N --no-replay")}
	case f.is(fs.ErrExist) && f.op(fault.OpEnroll):
		return []string{"if they produced this database: " + f.On("fastmigrate enroll-db --version N") + ", where N is the last one applied to it"}
	case f.is(fault.ErrExists) && f.Line > 0, f.is(fault.ErrColumn) && addition.MatchString(f.Source):
		return []string{"the database already has this: was it changed without a migration?"}
	}
	return nil
}

// addition matches a line that adds a column, not one that defines a table.
var addition = regex.New(`(?i)\badd\b`)
