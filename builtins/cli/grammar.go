// The grammar of the command line. A command is a struct of its flags and arguments
// with Help and Run, in the file of its group.

package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
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

// grammar is the command line.
type grammar struct {
	flags
	commands
}

// flags are those of every command. What may also stand in the configuration file is a
// pointer: nil if it was not given.
type flags struct {
	DB          *string        `name:"db" env:"FASTMIGRATE_DB" placeholder:"FILE" help:"Database file. Default: data/database.db."`
	Migrations  *string        `env:"FASTMIGRATE_MIGRATIONS" placeholder:"DIR" help:"Directory of the migrations. Default: migrations."`
	Config      *string        `aliases:"config_path" env:"FASTMIGRATE_CONFIG" placeholder:"FILE" help:"Configuration file. Default: .fastmigrate, if there is one."`
	LockTimeout *time.Duration `env:"FASTMIGRATE_LOCK_TIMEOUT" placeholder:"TIME" help:"How long to wait for a database that is locked, 0s: not at all. Default: 30s."`
	JSON        bool           `name:"json" help:"Print the result as JSON."`
	NoColor     bool           `help:"Print without colour, as NO_COLOR does."`
	Quiet       bool           `short:"q" help:"Print nothing but errors."`
	Verbose     bool           `short:"v" help:"Print what is being done, and what migrations print."`
}

// commands are the commands by their groups. One without a name has that of its field, in
// lower case.
type commands struct {
	RunMigrations runMigrations `group:"Migrations:" name:"run-migrations" aliases:"run_migrations" help:"Apply the pending migrations."`
	Status        status        `group:"Migrations:" help:"Show applied and pending migrations."`
	Rehearse      rehearseDB    `group:"Migrations:" help:"Apply the pending migrations to a private copy, and report what they do."`
	New           newMigration  `group:"Migrations:" help:"Write the skeleton of the next migration."`
	Gen           gen           `group:"Migrations:" help:"Write a migration whose SQL is tedious to write."`
	Resolve       resolve       `group:"Migrations:" help:"Go on after a migration that was interrupted."`
	Accept        accept        `group:"Migrations:" help:"Accept that a migration was edited after it was applied."`
	Renumber      renumber      `group:"Migrations:" help:"Give migrations that come too late the next free numbers."`
	Drift         driftCmd      `group:"Migrations:" help:"Compare the schema of the database with what its migrations make."`
	Wait          wait          `group:"Migrations:" help:"Wait until the database is at a version."`

	CreateDB     createDB     `group:"Databases:" name:"create-db" aliases:"create_db" help:"Create an empty database at version 0."`
	CheckVersion checkVersion `group:"Databases:" name:"check-version" aliases:"check_version" help:"Print the version of the program and of the database."`
	EnrollDB     enrollDB     `group:"Databases:" name:"enroll-db" aliases:"enroll_db" help:"Make a database that was made elsewhere a versioned one."`
	Adopt        adoptDB      `group:"Databases:" help:"Take over a database that another migration tool migrated."`
	CheckDB      checkDB      `group:"Databases:" name:"check-db" aliases:"check_db" help:"Look for damage, and for what does not fit together."`
	Schema       showSchema   `group:"Databases:" help:"Print the schema of the database, or compare it with a file."`

	BackupDB  backupDB  `group:"Backups:" name:"backup-db" aliases:"backup_db" help:"Make a copy of the database, also while others write to it."`
	Backups   backups   `group:"Backups:" help:"List the backups of the database, and what they hold."`
	RestoreDB restoreDB `group:"Backups:" name:"restore-db" aliases:"restore_db" help:"Put a backup in the place of the database's content."`

	Run   runTask   `group:"Workflows:" help:"Run a task of the Fastmigratefile."`
	Tasks listTasks `group:"Workflows:" help:"List the tasks of the Fastmigratefile."`
	Docs  docs      `group:"Workflows:" help:"Print a guide, or explain a function of a Fastmigratefile."`
	Test  testAll   `group:"Workflows:" help:"Run the tests of the migrations."`

	Completion completionScript `group:"Shells:" help:"Print what makes a shell complete commands, flags and tasks."`
}

// commandOf is the name of the command, as far as it was read.
func commandOf(k *kong.Context) string {
	name, _, _ := strings.Cut(k.Command(), " <")
	return name
}

// parse reads the arguments into the grammar. For kong to build the model of all commands
// takes longer than the work on an up-to-date database. Therefore the model first holds
// those only that the arguments name; it holds all if that does not read the arguments, as
// with --help or a typo, which are about the others too.
func parse(args []string, stdout, stderr io.Writer) (*grammar, *kong.Context, error) {
	words := slices.Clone(args)
	for f := range reflect.TypeFor[settings]().Fields() {
		if os.Getenv(f.Tag.Get("env")) != "" {
			words = append(words, "run-migrations") // whose settings are read whatever the command is: see configure
		}
	}
	g, k, err := parseBy(words, args, stdout, stderr, kong.NoDefaultHelp())
	if err == nil && k.Selected() != nil {
		return g, k, nil
	}
	return parseBy(nil, args, stdout, stderr)
}

// parseBy is parse by a model of the commands that words name; nil: all.
func parseBy(words, args []string, stdout, stderr io.Writer, options ...kong.Option) (*grammar, *kong.Context, error) {
	g := &grammar{}
	parser, err := g.parser(words, stdout, stderr, options...)
	if err != nil {
		return nil, nil, err
	}
	k, err := parser.Parse(args)
	return g, k, err
}

// parser reads a command line into the grammar, as parseBy does.
func (g *grammar) parser(words []string, stdout, stderr io.Writer, options ...kong.Option) (*kong.Kong, error) {
	options = append(options, kong.Writers(stdout, stderr), kong.Name("fastmigrate"), kong.Description(description), command.Values(10), // 0012 is twelve, not octal
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
	for f, v := range reflect.ValueOf(&g.commands).Elem().Fields() {
		name, alias := cmp.Or(f.Tag.Get("name"), strings.ToLower(f.Name)), f.Tag.Get("aliases")
		if words == nil || slices.Contains(words, name) || alias != "" && slices.Contains(words, alias) {
			options = append(options, kong.DynamicCommand(name, f.Tag.Get("help"), f.Tag.Get("group"), v.Addr().Interface(), fmt.Sprintf("aliases:%q", alias)))
		}
	}
	return kong.New(&g.flags, options...)
}
