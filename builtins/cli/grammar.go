// The grammar of the command line. A command is a struct of its flags and arguments
// with Help and Run, in the file of its group.

package cli

import (
	"io"
	"strings"
	"time"

	"fastmigrate/starlark/command"

	"github.com/alecthomas/kong"
)

const description = `Brings SQLite databases from version to version.

Migrations are files NNNN-description.sql, .star, .py or .sh in one directory. A
.sql or .star migration happens as a whole, together with the change of the
version, or not at all.

A flag ranks above the environment, that above the configuration file, that
above the default. "fastmigrate --version" prints the versions of the program
and of SQLite.`

// grammar is the command line. What may also stand in the configuration file is
// a pointer: nil if it was not given.
type grammar struct {
	DB          *string        `name:"db" env:"FASTMIGRATE_DB" placeholder:"FILE" help:"Database file. Default: data/database.db."`
	Migrations  *string        `env:"FASTMIGRATE_MIGRATIONS" placeholder:"DIR" help:"Directory of the migrations. Default: migrations."`
	Config      *string        `aliases:"config_path" env:"FASTMIGRATE_CONFIG" placeholder:"FILE" help:"Configuration file. Default: .fastmigrate, if there is one."`
	LockTimeout *time.Duration `env:"FASTMIGRATE_LOCK_TIMEOUT" placeholder:"TIME" help:"How long to wait for a database that is locked, 0s: not at all. Default: 30s."`
	JSON        bool           `name:"json" help:"Print the result as JSON."`
	NoColor     bool           `help:"Print without colour, as NO_COLOR does."`
	Quiet       bool           `short:"q" help:"Print nothing but errors."`
	Verbose     bool           `short:"v" help:"Print what is being done, and what migrations print."`

	RunMigrations runMigrations `cmd:"" group:"Migrations:" name:"run-migrations" aliases:"run_migrations" help:"Apply the pending migrations."`
	Status        status        `cmd:"" group:"Migrations:" help:"Show applied and pending migrations."`
	Rehearse      rehearseDB    `cmd:"" group:"Migrations:" help:"Apply the pending migrations to a private copy, and report what they do."`
	New           newMigration  `cmd:"" group:"Migrations:" help:"Write the skeleton of the next migration."`
	Gen           gen           `cmd:"" group:"Migrations:" help:"Write a migration whose SQL is tedious to write."`
	Resolve       resolve       `cmd:"" group:"Migrations:" help:"Go on after a migration that was interrupted."`
	Accept        accept        `cmd:"" group:"Migrations:" help:"Accept that a migration was edited after it was applied."`
	Renumber      renumber      `cmd:"" group:"Migrations:" help:"Give migrations that come too late the next free numbers."`
	Drift         driftCmd      `cmd:"" group:"Migrations:" help:"Compare the schema of the database with what its migrations make."`
	Wait          wait          `cmd:"" group:"Migrations:" help:"Wait until the database is at a version."`

	CreateDB     createDB     `cmd:"" group:"Databases:" name:"create-db" aliases:"create_db" help:"Create an empty database at version 0."`
	CheckVersion checkVersion `cmd:"" group:"Databases:" name:"check-version" aliases:"check_version" help:"Print the version of the program and of the database."`
	EnrollDB     enrollDB     `cmd:"" group:"Databases:" name:"enroll-db" aliases:"enroll_db" help:"Make a database that was made elsewhere a versioned one."`
	Adopt        adoptDB      `cmd:"" group:"Databases:" help:"Take over a database that another migration tool migrated."`
	CheckDB      checkDB      `cmd:"" group:"Databases:" name:"check-db" aliases:"check_db" help:"Look for damage, and for what does not fit together."`
	Schema       showSchema   `cmd:"" group:"Databases:" help:"Print the schema of the database, or compare it with a file."`

	BackupDB  backupDB  `cmd:"" group:"Backups:" name:"backup-db" aliases:"backup_db" help:"Make a copy of the database, also while others write to it."`
	Backups   backups   `cmd:"" group:"Backups:" help:"List the backups of the database, and what they hold."`
	RestoreDB restoreDB `cmd:"" group:"Backups:" name:"restore-db" aliases:"restore_db" help:"Put a backup in the place of the database's content."`

	Run   runTask   `cmd:"" group:"Workflows:" help:"Run a task of the Fastmigratefile."`
	Tasks listTasks `cmd:"" group:"Workflows:" help:"List the tasks of the Fastmigratefile."`
	Docs  docs      `cmd:"" group:"Workflows:" help:"Explain what a Fastmigratefile can call."`
	Test  testAll   `cmd:"" group:"Workflows:" help:"Run the tests of the migrations."`

	Completion completionScript `cmd:"" group:"Shells:" help:"Print what makes a shell complete commands, flags and tasks."`
}

// commandOf is the name of the command, as far as it was read.
func commandOf(k *kong.Context) string {
	name, _, _ := strings.Cut(k.Command(), " <")
	return name
}

// parser reads a command line into the grammar.
func (g *grammar) parser(stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(g, kong.Writers(stdout, stderr), kong.Name("fastmigrate"), kong.Description(description), command.Values(10), // 0012 is twelve, not octal
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
}
