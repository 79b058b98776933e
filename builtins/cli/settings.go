// Settings from flags, the environment and the configuration file. They are read once,
// before any command runs.

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"fastmigrate/builtins/cli/internal/config"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/release"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/input"
	"fastmigrate/core/runner"
	"fastmigrate/core/visible"

	"github.com/alecthomas/kong"
)

// settings are the flags that the configuration file may give too, for every
// command. Nil: it was not given.
type settings struct {
	Isolated          *bool          `help:"Run .py and .sh migrations on a private copy, which replaces the content of the database on success."`
	ScriptTimeout     *time.Duration `placeholder:"TIME" help:"Stop a .py or .sh migration that takes longer, as a failure."`
	Python            *string        `env:"FASTMIGRATE_PYTHON" placeholder:"PROGRAM" help:"Program that runs .py migrations. Default: python of the active virtual environment, otherwise python3."`
	Shell             *string        `env:"FASTMIGRATE_SHELL" placeholder:"PROGRAM" help:"Program that runs .sh migrations. Default: sh."`
	NoForeignKeyCheck *bool          `help:"Allow migrations to add rows that violate a foreign key."`
	IgnoreTables      *string        `kong:"-"`
	Schema            *string        `kong:"-"`
	NoHistory         *bool          `help:"Do not keep the table _meta_history. Migrations that need it are refused."`
	AllowMissing      *bool          `help:"Accept applied migrations whose files are gone, and a database that is ahead of its migrations."`
}

// configure returns the settings. Each comes from the first of these that sets it: a
// flag of the command, the environment, the configuration file.
func (g *grammar) configure(ctx context.Context, command string) (settings, error) {
	s := g.RunMigrations.settings // the environment alone, if it is another command
	if command == "rehearse" {
		s = g.Rehearse.settings
	}
	s.AllowMissing = cmp.Or(s.AllowMissing, g.Status.AllowMissing)
	file := ".fastmigrate"
	if g.Config != nil {
		file = *g.Config
	}
	if g.Config == nil {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return s, nil // the usual case, without the goroutine that reads it
		}
	}
	data, err := input.Stream(ctx, file, input.MaxSettings)
	if errors.Is(err, fs.ErrNotExist) && g.Config == nil {
		return s, nil
	}
	if ctx.Err() != nil {
		return s, context.Cause(ctx)
	}
	if err != nil {
		return s, hint.With(fmt.Errorf("configuration: %w", err), "--config FILE names another; without --config and FASTMIGRATE_CONFIG it is .fastmigrate, which may be missing")
	}
	return s, config.Read(file, data, g.file(&s))
}

// file describes the settings that the configuration file may have, and where they go.
func (g *grammar) file(s *settings) []config.Setting {
	return []config.Setting{
		{Section: "paths", Key: "db", Set: config.Text(&g.DB)},
		{Section: "paths", Key: "migrations", Set: config.Text(&g.Migrations)},
		{Section: "paths", Key: "schema", Set: config.Text(&s.Schema)},
		{Section: "run", Key: "lock_timeout", Set: config.Duration(&g.LockTimeout)},
		{Section: "run", Key: "foreign_key_check", Set: config.Bool(&s.NoForeignKeyCheck, false)},
		{Section: "run", Key: "history", Set: config.Bool(&s.NoHistory, false)},
		{Section: "run", Key: "allow_missing", Set: config.Bool(&s.AllowMissing, true)},
		{Section: "run", Key: "ignore_tables", Set: config.Text(&s.IgnoreTables)},
		{Section: "scripts", Key: "python", Set: config.Text(&s.Python)},
		{Section: "scripts", Key: "shell", Set: config.Text(&s.Shell)},
		{Section: "scripts", Key: "isolated", Set: config.Bool(&s.Isolated, true)},
		{Section: "scripts", Key: "timeout", Set: config.Duration(&s.ScriptTimeout)},
	}
}

// locate notes the database and the migrations directory, and which setting names
// them.
func (a *app) locate(g *grammar, k *kong.Context) {
	a.db, a.dir = "data/database.db", "migrations"
	for _, one := range []struct {
		name     string
		said, to *string
	}{{"db", g.DB, &a.db}, {"migrations", g.Migrations, &a.dir}} {
		if one.said == nil {
			continue
		}
		*one.to = *one.said
		from, variable := cmp.Or(a.config, ".fastmigrate"), "FASTMIGRATE_"+strings.ToUpper(one.name)
		if slices.ContainsFunc(k.Path, func(at *kong.Path) bool { return at.Flag != nil && at.Flag.Name == one.name }) {
			from = "--" + one.name
		} else if os.Getenv(variable) != "" {
			from = variable
		} else if db, _ := a.variables.Database(); db != "" && one.name == "db" {
			from = "DATABASE_URL in " + a.variables.Path()
		}
		a.paths = append(a.paths, &path{name: one.name, value: *one.said, from: from})
	}
}

// deref returns the value at p, or the zero value.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// negative is the error for a time below 0.
func negative(flag string, t time.Duration) error {
	return hint.Usagef("%s=%v: a time cannot be negative", flag, t)
}

// prepare reads all settings, before the command runs.
func (a *app) prepare(g *grammar, k *kong.Context) error {
	if g.Config != nil && *g.Config == "" {
		return hint.Usagef("--config is empty")
	}
	if g.DB == nil {
		db, err := a.variables.Database()
		if err != nil {
			return err
		}
		if db != "" {
			g.DB = &db
		}
	}
	s, err := g.configure(a, k.Command())
	if err != nil {
		return err
	}
	a.config, a.schema, a.Names.Command = deref(g.Config), deref(s.Schema), commandOf(k)
	a.locate(g, k)
	a.Names.DB, a.Names.Dir = a.db, a.dir
	a.Names.Tool, a.Names.Atomic = g.Adopt.From, g.RunMigrations.Atomic || g.Rehearse.Atomic
	switch t := deref(g.LockTimeout); {
	case a.db == "":
		return hint.Usagef("--db is empty")
	case a.dir == "":
		return hint.Usagef("--migrations is empty")
	case t < 0:
		return negative("--lock-timeout", t)
	case deref(s.ScriptTimeout) < 0:
		return negative("--script-timeout", *s.ScriptTimeout)
	case g.LockTimeout != nil && t == 0:
		g.LockTimeout = new(time.Duration(-1))
	}
	a.options = core.Options{Logger: a.Log(), Tool: release.Program, LockTimeout: deref(g.LockTimeout),
		Isolated: deref(s.Isolated), ScriptTimeout: deref(s.ScriptTimeout), Python: deref(s.Python), Shell: deref(s.Shell),
		NoForeignKeyCheck: deref(s.NoForeignKeyCheck), NoHistory: deref(s.NoHistory), AllowMissing: deref(s.AllowMissing),
		IgnoreTables: strings.FieldsFunc(deref(s.IgnoreTables), func(r rune) bool { return r == ',' || r == ' ' })}
	if a.Verbose {
		a.options.Output = visible.Programs(a.Messages)
	}
	a.options.Runners = map[string]runner.Runner{"star": starmigrate.Runner(starmigrate.Options{Out: visible.Results(a.Messages), Log: a.Messages})}
	a.options.OnProgress = a.Progress()
	a.Names.Options = a.options
	return nil
}
