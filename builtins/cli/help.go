// The first words: help, version, init.

package cli

import (
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/man"
	"fastmigrate/builtins/cli/internal/project"
	"fastmigrate/builtins/cli/internal/release"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core/filename"
)

// first is what the program prints without arguments: it fits on a screen.
//
//go:embed first.txt
var first string

// unconfigured are commands that work the same whatever the settings are.
type unconfigured struct{}

func (unconfigured) worksAnywhere() {}

type help struct {
	unconfigured `kong:"-"`
	Command      []string `arg:"" optional:"" complete:"command" help:"The command. Default: the list of all."`
}

func (help) Help() string {
	return `"fastmigrate help status" prints the same as "fastmigrate status --help".

Examples:

    fastmigrate help run-migrations
    fastmigrate help gen rebuild
    fastmigrate help run TASK`
}

func (c help) Run(a *app) error { return a.run(append(slices.Clone(c.Command), "--help")) }

type manPage struct {
	unconfigured `kong:"-"`
	Command      []string `arg:"" optional:"" complete:"command" help:"The command. Default: the page of the program."`
}

func (manPage) Help() string {
	return `The page is for the program man, which reads it from a file.

Examples:

    fastmigrate man > ~/.local/share/man/man1/fastmigrate.1
    fastmigrate man gen rebuild > ~/.local/share/man/man1/fastmigrate-gen-rebuild.1`
}

func (c manPage) Run(a *app) error {
	parser, err := (&grammar{}).parser(nil, io.Discard, io.Discard)
	if err != nil {
		return err
	}
	node := parser.Model.Node
	for _, word := range c.Command {
		i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word || slices.Contains(n.Aliases, word) })
		if i < 0 {
			return hint.Usagef("there is no command %s", strings.Join(c.Command, " "))
		}
		node = node.Children[i]
	}
	if node != parser.Model.Node && !node.Leaf() {
		return hint.Usagef("%s is a group of commands, which has no page: %s is one", strings.Join(c.Command, " "), strings.TrimPrefix(node.Leaves(true)[0].FullPath(), "fastmigrate "))
	}
	text := man.Page(node, release.Program)
	return a.Report(strings.TrimSuffix(text, "\n"), result.Page{Page: text})
}

type showVersion struct {
	unconfigured `kong:"-"`
}

func (showVersion) Help() string {
	return `"fastmigrate --version" and "fastmigrate -V" do the same. The first line is meant
for scripts. The version of a database is printed by check-version.

Example:

    fastmigrate version --json`
}

func (showVersion) Run(a *app) error {
	b := release.Read()
	return a.Report(b.String(), b)
}

type initProject struct{}

func (initProject) Help() string {
	return `Makes the directory migrations, the configuration file .fastmigrate, in which each
setting is explained, and a Fastmigratefile with a task that backs up, migrates,
checks, and restores on failure. --db and --migrations are written into the
configuration. If one of the two files exists, nothing is made.

Examples:

    fastmigrate init
    fastmigrate init --db var/shop.db --migrations db/migrations`
}

func (initProject) Run(a *app) error {
	for _, path := range []string{a.db, a.dir} {
		if err := filename.Plain(path, path); err != nil {
			return err
		}
		if strings.ContainsAny(path, "\r\n") {
			return hint.Usagef("%q has a line end, which a configuration file cannot hold", path)
		}
	}
	made, err := project.Make(a.db, a.dir)
	if errors.Is(err, fs.ErrExist) {
		return hint.With(err, "this is a project already: fastmigrate status shows its migrations, fastmigrate tasks its tasks")
	}
	if err != nil {
		return hint.With(err, "--migrations DIR names another directory")
	}
	lines := []string{}
	for _, path := range made {
		lines = append(lines, a.Line("made %s", path))
	}
	hints := []string{"fastmigrate new create users writes the first migration: add your SQL to it",
		"fastmigrate up --create then creates the database and migrates it; fastmigrate run does so too, with a backup and checks"}
	defer a.Advise(hints)
	return a.Report(strings.Join(lines, "\n"), result.Made{Made: made, Hints: hints})
}
