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

	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/starlark/command"

	"github.com/alecthomas/kong"
)

const description = `Migrates SQLite databases from version to version.

Migrations are files named NNNN-description.sql, .star, .py or .sh in one
directory. A .sql or .star migration is applied completely, together with its
version, or not at all.

Flags override environment variables, which override the configuration file,
which overrides the defaults.`

// grammar is the command line.
type grammar struct {
	flags
	commands
}

// flags are those of every command. A flag that the configuration file can also set is a
// pointer: nil if it was not given.
type flags struct {
	DB          *string        `name:"db" env:"FASTMIGRATE_DB" placeholder:"FILE" help:"Database file. Default: data/database.db."`
	Migrations  *string        `env:"FASTMIGRATE_MIGRATIONS" placeholder:"DIR" help:"Migrations directory. Default: migrations."`
	Config      *string        `aliases:"config_path" env:"FASTMIGRATE_CONFIG" placeholder:"FILE" help:"Configuration file. Default: .fastmigrate, if there is one."`
	EnvFile     string         `placeholder:"FILE" help:"Read environment variables from FILE, and the database from its DATABASE_URL. Variables that are already set are kept."`
	LockTimeout *time.Duration `env:"FASTMIGRATE_LOCK_TIMEOUT" placeholder:"TIME" help:"How long to wait for a locked database; 0s does not wait. Default: 30s."`
	JSON        bool           `name:"json" help:"Print the result as JSON."`
	NoColor     bool           `help:"Print without colour; so does the variable NO_COLOR."`
	Quiet       bool           `short:"q" help:"Print only errors."`
	Verbose     bool           `short:"v" help:"Print each step and statement, and the output of migrations."`
}

// commands are the commands by group. One without a name takes that of its field, in
// lower case.
type commands struct {
	Init          initProject   `group:"Migrations:" help:"Make the files of a new project."`
	RunMigrations runMigrations `group:"Migrations:" name:"run-migrations" aliases:"up,migrate,run_migrations" help:"Apply the pending migrations."`
	Status        status        `group:"Migrations:" help:"Show applied and pending migrations."`
	Rehearse      rehearseDB    `group:"Migrations:" help:"Apply the pending migrations to a private copy and report what they do."`
	New           newMigration  `group:"Migrations:" help:"Write the skeleton of the next migration."`
	Gen           gen           `group:"Migrations:" help:"Generate a migration that is tedious to write by hand."`
	Resolve       resolve       `group:"Migrations:" help:"Resolve an interrupted migration."`
	Accept        accept        `group:"Migrations:" help:"Accept an edit to an applied migration."`
	Renumber      renumber      `group:"Migrations:" help:"Move out-of-order and duplicate migrations to the end."`
	Drift         driftCmd      `group:"Migrations:" help:"Compare the schema of the database with its migrations."`
	Wait          wait          `group:"Migrations:" help:"Wait until the database reaches a version."`

	CreateDB     createDB     `group:"Databases:" name:"create-db" aliases:"create_db" help:"Create an empty database at version 0."`
	CheckVersion checkVersion `group:"Databases:" name:"check-version" aliases:"check_version" help:"Print the version of the program and of the database."`
	EnrollDB     enrollDB     `group:"Databases:" name:"enroll-db" aliases:"enroll_db" help:"Put an existing database under version control."`
	Adopt        adoptDB      `group:"Databases:" help:"Take over a database from another migration tool."`
	CheckDB      checkDB      `group:"Databases:" name:"check-db" aliases:"check_db" help:"Check the database for damage and inconsistencies."`
	Schema       showSchema   `group:"Databases:" help:"Print the schema of the database, or compare it to a file."`

	BackupDB  backupDB  `group:"Backups:" name:"backup-db" aliases:"backup_db" help:"Back up the database, even while others write to it."`
	Backups   backups   `group:"Backups:" help:"List and check the backups of the database."`
	RestoreDB restoreDB `group:"Backups:" name:"restore-db" aliases:"restore_db" help:"Replace the content of the database with a backup."`

	Run   runTask   `group:"Workflows:" help:"Run a task of the Fastmigratefile."`
	Tasks listTasks `group:"Workflows:" help:"List the tasks of the Fastmigratefile."`
	Docs  docs      `group:"Workflows:" help:"Print a guide, or explain a function of a Fastmigratefile."`
	Test  testAll   `group:"Workflows:" help:"Run the tests of the migrations."`

	Help       help             `group:"About:" help:"List the commands, or explain one."`
	Version    showVersion      `group:"About:" help:"Print the release of the program, and what it was built from."`
	Completion completionScript `group:"About:" help:"Print a script that completes commands, flags and tasks."`
	Man        manPage          `group:"About:" help:"Print a manual page."`
}

// commandOf is the name of the command, as far as it was read.
func commandOf(k *kong.Context) string {
	name, _, _ := strings.Cut(k.Command(), " <")
	return name
}

// parse reads the arguments into the grammar. Building kong's model of all commands takes
// longer than checking an up-to-date database. So the model first has only the commands
// that the arguments name. If it cannot read the arguments, because of --help or a typo,
// they are read again with a model of all commands.
func parse(args []string, stdout, stderr io.Writer) (*grammar, *kong.Context, error) {
	words := slices.Clone(args)
	for f := range reflect.TypeFor[settings]().Fields() {
		if os.Getenv(f.Tag.Get("env")) != "" {
			words = append(words, "run-migrations") // whose settings are read whatever the command is: see configure
		}
	}
	g, k, err := parseBy(words, args, stdout, stderr, kong.NoDefaultHelp())
	helps := len(g.Run.Task) > 0 && (g.Run.Task[0] == "--help" || g.Run.Task[0] == "-h") // of run itself
	if err == nil && k.Selected() != nil && !helps {
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
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: live.Width(os.Stdout)}))
	for f, v := range reflect.ValueOf(&g.commands).Elem().Fields() {
		name, aliases := cmp.Or(f.Tag.Get("name"), strings.ToLower(f.Name)), f.Tag.Get("aliases")
		named := func(word string) bool { return word == name || slices.Contains(strings.Split(aliases, ","), word) }
		if words == nil || slices.ContainsFunc(words, named) {
			options = append(options, kong.DynamicCommand(name, f.Tag.Get("help"), f.Tag.Get("group"), v.Addr().Interface(), fmt.Sprintf("aliases:%q", aliases)))
		}
	}
	return kong.New(&g.flags, options...)
}
