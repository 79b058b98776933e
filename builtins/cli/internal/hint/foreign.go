// The names that other tools have for our commands: goose, dbmate, golang-migrate, Atlas,
// Flyway, Liquibase, Alembic, Django and Rails. The invariant: no word here is the name of a
// command of ours, and each command named in an answer exists.

package hint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/starlark/command"
)

const (
	backwards = "migrations do not run backwards: fastmigrate new DESCRIPTION writes one that reverts the change, " +
		"or fastmigrate restore-db BACKUP goes back to a backup, as fastmigrate backups lists them"
	afresh = "no command removes a database: remove the file yourself, with its -wal and -shm; " +
		"then fastmigrate run-migrations --create creates it from the migrations"
)

// words are answers, each with the commands of other tools that it is for.
var words = []struct{ answer, to string }{
	{"fastmigrate run-migrations applies the pending migrations", "upgrade apply update deploy sync"},
	{"fastmigrate run-migrations --to N stops at version N", "up-to up-by-one goto"},
	{backwards, "down down-to downgrade rollback undo revert"},
	{"no migration is applied twice: fastmigrate rehearse applies the pending migrations to a private copy, as often as you like", "redo"},
	{afresh, "reset drop clean fresh refresh flush recreate"},
	{"fastmigrate run-migrations --create creates the database from its migrations", "setup load"},
	{"fastmigrate new DESCRIPTION writes the next migration, fastmigrate create-db creates an empty database", "create"},
	{"fastmigrate create-db creates an empty database", "init-db initdb"},
	{"fastmigrate new DESCRIPTION writes the next migration", "generate make makemigrations revision migration add"},
	{"fastmigrate enroll-db --version N records that the migrations up to N are already applied", "baseline stamp"},
	{"after an interrupted migration: fastmigrate resolve --completed or --rolled-back; " +
		"for an unversioned database: fastmigrate enroll-db --version N", "force"},
	{"fastmigrate accept NNNN accepts a migration that was edited, fastmigrate resolve one that was interrupted, " +
		"fastmigrate renumber moves migrations that come too late; fastmigrate status shows which there are", "repair"},
	{"fastmigrate renumber gives migrations that come too late the next free numbers", "fix merge"},
	{"fastmigrate adopt --from TOOL DIR takes over a database from another tool, fastmigrate enroll-db puts any other database under version control", "import"},
	{"fastmigrate status shows applied and pending migrations", "info list ls history show showmigrations log heads branches pending"},
	{"fastmigrate check-version prints the version of the database", "current"},
	{"fastmigrate status --exit-code looks for pending and edited migrations, fastmigrate drift compares the schema with the migrations, " +
		"fastmigrate check-db looks for damage", "validate verify check doctor"},
	{"there is no file of checksums: the database records them, and fastmigrate status compares them", "hash"},
	{"fastmigrate rehearse reports what data the pending migrations lose, fastmigrate test --all checks them without a database", "lint"},
	{"fastmigrate rehearse applies the pending migrations to a private copy, and reports what they do", "plan preview"},
	{"fastmigrate drift compares the schema with the migrations, fastmigrate drift --fix writes a migration with the differences", "diff"},
	{"fastmigrate schema prints the schema, fastmigrate schema --output FILE writes it to a file", "inspect dump dump-schema"},
	{"put rows that every database needs into a migration; for other rows, write a task: fastmigrate docs execute shows a call, " +
		"fastmigrate run TASK runs it", "seed"},
	{"fastmigrate backup-db makes a backup", "backup snapshot"},
	{"fastmigrate restore-db BACKUP restores a backup, fastmigrate backups lists them", "restore"},
	{"fastmigrate enroll-db puts an existing database under version control", "enroll"},
}

// flags are answers, each with the flags of other tools that it is for.
var flags = []struct{ answer, to string }{
	{"--migrations DIR names the migrations directory", "-dir --dir -d -path --path -source --source --migrations-dir -locations --locations"},
	{"--db FILE names the database; --env-file FILE reads DATABASE_URL", "-database --database --url -url -u --dbstring --dsn"},
	{"the version is always in the table _meta; fastmigrate adopt --from TOOL DIR takes it over from another tool", "-table --table --migrations-table"},
	{"fastmigrate schema --output FILE writes the schema to a file; after each run: schema = FILE under [paths] in .fastmigrate", "--schema-file -s --no-dump-schema"},
	{"--env-file FILE reads environment variables", "-e --env"},
	{"fastmigrate wait waits for the database", "--wait --wait-timeout"},
}

// answer returns what to do instead of word; "" if no known tool has that word.
func answer(list []struct{ answer, to string }, word string) string {
	for _, a := range list {
		if slices.Contains(strings.Fields(a.to), word) {
			return a.answer
		}
	}
	return ""
}

// Misread returns the error for arguments that cannot be parsed: err, but with an answer
// instead of a guess by spelling if they belong to another tool. read is the command that
// was parsed; "" if there was none.
func Misread(err error, args []string, read string) error {
	u := command.Unexpected{}
	if errors.As(err, &u) && read == "" {
		if to := answer(words, u.Argument); to != "" {
			return Usage{Add(fmt.Errorf("there is no command %s", u.Argument), to)}
		}
		return Usage{errors.New("there is no command " + strings.TrimPrefix(err.Error(), "unexpected argument "))}
	}
	unknown, ok := strings.CutPrefix(err.Error(), "unknown flag ")
	if !ok {
		return Usage{err}
	}
	unknown, _, _ = strings.Cut(unknown, ",")
	for _, arg := range args { // for -dir, the unknown flag is -d
		arg, _, _ := strings.Cut(arg, "=")
		if long := len(unknown) == 2 && len(arg) > 2 && strings.HasPrefix(arg, unknown); arg != unknown && !long {
			continue
		} else if to := answer(flags, arg); to != "" {
			return Usage{Add(fmt.Errorf("there is no flag %s", arg), to)}
		} else if long {
			return Usage{Add(err, "a flag of several letters has two dashes: -"+arg)}
		}
	}
	return Usage{err}
}
