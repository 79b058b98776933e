// The commands that write migrations or their history.

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/project"
	"fastmigrate/builtins/cli/internal/prompt"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core/author"
	"fastmigrate/core/repair"
	"fastmigrate/core/visible"

	"github.com/rogpeppe/go-internal/diff"
)

type newMigration struct {
	Description []string `arg:"" help:"What the migration does, in a few words."`
	Type        string   `short:"t" enum:"sql,star,py,sh" default:"sql" help:"Kind of migration: sql, star, py or sh."`
}

func (newMigration) Help() string {
	return `Examples:

    fastmigrate new add phone to users
    fastmigrate new "normalise phone numbers" --type py`
}

func (c newMigration) Run(a *app) error {
	if a.said("migrations") == "" {
		if above := project.Above(a.dir, a.holds); above != "" {
			return hint.With(fmt.Errorf("new migration: the project is above this directory, as %s shows; nothing was made", above),
				"cd "+hint.QuotePath(filepath.Dir(above))+" first; or, if this is a project of its own: fastmigrate init")
		}
	}
	path, err := author.New(a.dir, strings.Join(c.Description, " "), c.Type)
	switch {
	case errors.Is(err, fs.ErrInvalid):
		return hint.With(err, "say what it does, in a few words: "+a.Names.InDir("fastmigrate new add phone to users"))
	case errors.As(err, new(*fs.PathError)):
		return hint.With(err, "--migrations DIR names another directory")
	case err != nil:
		return err
	}
	return a.Report(a.Line("%s", path), result.Written{File: path})
}

// holds reports whether a directory holds migrations.
func (a *app) holds(dir string) bool {
	list, _, err := a.options.Migrations(os.DirFS(dir))
	return err == nil && len(list) > 0
}

type accept struct {
	Version int  `arg:"" placeholder:"NNNN" help:"Version of the migration."`
	Yes     bool `short:"y" help:"Do not ask."`
}

func (accept) Help() string {
	return `Shows how the file differs from the text that was applied, and records the file as
it is now in the history. Nothing is run. The difference cannot be shown for a
script above 1 MiB, or for one applied before the history kept the text.

Examples:

    fastmigrate accept 0003 --db data/shop.db
    fastmigrate accept 0003 --yes`
}

func (c accept) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	e, err := repair.FindEdit(a, a.db, os.DirFS(a.dir), c.Version, a.options)
	if err != nil {
		return err
	}
	difference := a.Line("%s was edited; the text that was applied was not kept", filepath.Join(a.dir, e.Name))
	if e.Kept {
		text := string(diff.Diff(visible.Line(e.Was)+" as applied", []byte(e.Before), visible.Line(e.Name)+" now", []byte(e.Now)))
		_, difference, _ = strings.Cut(strings.TrimSuffix(text, "\n"), "\n") // which names them once more
	}
	if !a.JSON {
		a.Say(visible.Text(difference))
	}
	if !c.Yes {
		if yes, err := prompt.Confirm(a, "Accept the file as it is now?"); err != nil {
			return err
		} else if !yes {
			return hint.ErrUnconfirmed
		}
	}
	if err := repair.Accept(a, a.db, e, a.options); err != nil {
		return err
	}
	return a.Report(a.Line("accepted %s", filepath.Join(a.dir, e.Name)), result.Accepted{Database: a.db, File: e.Name, Difference: difference})
}

type renumber struct {
	DryRun bool `short:"n" help:"Show the new names, and rename nothing."`
}

func (renumber) Help() string {
	return `Gives the next free numbers to migrations below the database's version that were
never applied, and to duplicates. Their order stays the same. Among migrations with
the same version, the applied one keeps it, or else the first by name. Renumber
before others apply them: a database that has applied one knows it by its old
number.

Examples:

    fastmigrate renumber --dry-run
    fastmigrate renumber --db data/shop.db`
}

func (c renumber) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	renumber := author.Renumber
	if c.DryRun {
		renumber = author.PlanRenumber
	}
	list, err := renumber(a, a.db, a.dir, a.options)
	var text []string
	for _, r := range list {
		text = append(text, visible.Line(filepath.Join(a.dir, r.From)+" -> "+filepath.Join(a.dir, r.To)))
	}
	if err != nil {
		if len(text) > 0 && !a.JSON {
			a.Say(strings.Join(text, "\n"))
		}
		return err
	}
	if len(text) == 0 {
		text = []string{"all migrations are in order"}
	}
	return a.Report(strings.Join(text, "\n"), result.Renumbered{Renamed: list, DryRun: c.DryRun})
}

type gen struct {
	Rebuild genRebuild `cmd:"" help:"Generate a migration that rebuilds a table with another definition."`
}

type genRebuild struct {
	Table   string `arg:"" help:"Table to rebuild."`
	Columns string `placeholder:"DEFINITIONS" help:"The new text in the parentheses of CREATE TABLE. Default: the current text, for you to edit in the file."`
}

func (genRebuild) Help() string {
	return `For changes that ALTER TABLE cannot make: a constraint, another type, another order
of columns. The migration rebuilds the table with its rows, indexes and triggers;
views and foreign keys of other tables stay. The database is only read, for its
schema, and must be at the version of the last migration.

Examples:

    fastmigrate gen rebuild users --db app.db
    fastmigrate gen rebuild users --columns "id INTEGER PRIMARY KEY, name TEXT NOT NULL"`
}

func (c genRebuild) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	path, err := author.Rebuild(a, a.db, a.dir, c.Table, c.Columns, a.options)
	if err != nil {
		return err
	}
	return a.Report(a.Line("%s", path), result.Written{File: path})
}
