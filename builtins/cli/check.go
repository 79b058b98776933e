// The commands that compare a database with what it should be. What they find is their
// result; that they found something is the exit status.

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/drift"
	"fastmigrate/core/fault"
	"fastmigrate/core/input"
	"fastmigrate/core/schema"
	"fastmigrate/core/visible"

	"github.com/rogpeppe/go-internal/diff"
)

type checkDB struct{}

func (checkDB) Help() string {
	return `It looks at every page, index and constraint, for rows without the parent that a
foreign key wants, for full-text tables that do not fit the table whose rows
they index, at the version and the history, and for a transaction that a crash
left unfinished, and whether there is anything at all: a file of 0 bytes is no
database yet. Nothing is created or changed; full-text tables of that kind are
checked on a private copy. The exit status is 1 if something is wrong; a note is
of what may be meant so, or of a table that only its application can check.

Example:

    fastmigrate check-db --db data/shop.db`
}

func (checkDB) Run(a *app) error {
	r, err := check.DB(a, a.db, a.options)
	if err != nil {
		return err
	}
	var list []string
	for _, part := range r.Checked {
		if !slices.ContainsFunc(r.Problems, func(p fault.Problem) bool { return p.Part == part }) {
			list = append(list, string(part)+": ok")
		}
	}
	for _, p := range r.Problems {
		list = append(list, p.String())
	}
	for _, n := range r.Notes {
		list = append(list, "note: "+n)
	}
	hints := a.Names.ForAll(r.Causes)
	if r.Reindex {
		hints = append(hints, a.Names.WayOut(&fault.Reason{Key: fault.IndexOnly})...)
	}
	wrong := report.Found{}
	if !r.OK {
		kind := "failed"
		if len(r.Causes) > 0 {
			kind = a.Kind(r.Causes[0])
		} else if slices.ContainsFunc(r.Problems, func(p fault.Problem) bool { return p.Part == fault.Integrity }) {
			kind = "damaged"
		}
		wrong = report.Wrong(kind, fmt.Sprintf("check %s: found %s", a.db, report.Count(len(r.Problems), "problem")), r.Version, hints)
	}
	err = a.Report(strings.Join(report.Lines(list), "\n"), checked{a.db, r, hints, wrong})
	a.Advise(hints)
	return cmp.Or(err, wrong.Err())
}

type checked struct {
	Database string `json:"database"` // its path
	check.Report
	Hints []string `json:"hints"` // commands to type next
	report.Found
}

type showSchema struct {
	Output string `xor:"file" placeholder:"FILE" help:"Write it to FILE; - is standard output."`
	Check  string `xor:"file" placeholder:"FILE" help:"Compare it with FILE: the exit status is 1 if they differ."`
	Format string `enum:"sql,dot,mermaid" default:"sql" help:"sql, or a diagram: dot (Graphviz) or mermaid (for Markdown)."`
}

func (showSchema) Help() string {
	return `The same schema gives the same text, in whatever order it was made. Not in it are
the tables of fastmigrate itself. To --check, order, white space and comments do
not matter.

Examples:

    fastmigrate schema --output schema.sql
    fastmigrate schema --check schema.sql --db data/shop.db
    fastmigrate schema --format mermaid`
}

func (c showSchema) Run(a *app) error {
	write, err := a.file("--output", c.Output)
	if err != nil {
		return err
	}
	list, err := core.Schema(a, a.db, a.options)
	if err != nil {
		return err
	}
	draw := map[string]func([]schema.Object) string{"sql": schema.SQL, "dot": schema.DOT, "mermaid": schema.Mermaid}[c.Format]
	switch text := draw(list); {
	case c.Output != "":
		if err := write([]byte(text)); err != nil || !a.JSON {
			return err
		}
		return a.Report("", schemaWritten{a.db, c.Output})
	case c.Check != "":
		old, err := input.Stream(a, c.Check, input.MaxSchema)
		if errors.Is(err, fs.ErrNotExist) {
			return hint.With(err, a.Names.OnDB("fastmigrate schema --output "+hint.Quote(c.Check))+" writes it")
		}
		if errors.As(err, new(*fs.PathError)) {
			return hint.With(err, "--check FILE names what schema --output FILE wrote")
		}
		if err != nil {
			return err
		}
		same, unified := string(old) == text || c.Format == "sql" && schema.SameSQL(string(old), text), ""
		if !same {
			_, unified, _ = strings.Cut(string(diff.Diff(visible.Line(c.Check), old, visible.Line(a.db), []byte(text))), "\n")
		}
		wrong := report.Found{}
		if !same {
			wrong = report.Wrong("failed", fmt.Sprintf("the schema of %s is not that of %s", a.db, c.Check), -1, nil)
		}
		if !same || a.JSON {
			err = a.Report(visible.Text(strings.TrimSuffix(unified, "\n")), schemaCompared{a.db, c.Check, same, unified, wrong})
		}
		return cmp.Or(err, wrong.Err())
	default:
		return a.Report(strings.TrimSuffix(text, "\n"), append([]schema.Object{}, list...))
	}
}

// schemaWritten is the result of schema --output.
type schemaWritten struct {
	Database string `json:"database"` // its path
	File     string `json:"file"`     // path of the file
}

// schemaCompared is the result of schema --check.
type schemaCompared struct {
	Database   string `json:"database"`   // its path
	File       string `json:"file"`       // path of the file
	Same       bool   `json:"same"`       // they are the same, but for order, white space and comments
	Difference string `json:"difference"` // as a unified diff; "" if they are the same
	report.Found
}

type driftCmd struct {
	Fix          bool `help:"Write the migration NNNN-drift.sql, which makes the schema of the migrations that of the database."`
	SkipPrograms bool `help:"Do not run .py and .sh migrations. What they change counts as a difference."`
	ignored
}

func (driftCmd) Help() string {
	return `The migrations up to the database's version, programs too, are run on a scratch
database, which stands for it in what programs are handed, as in rehearse
--scripts. Nothing is done to the database, but a path that a program has or makes
by itself still reaches it. The exit status is 1 if its schema differs from what
they make.

--fix records what was done by hand, in the direction of "atlas migrate diff":
the migration changes nothing in this database, and has all others follow. It is
tried before it is written: on the scratch database, and on a private copy of
this one, in which no row may change. Read it: what loses data says so. To undo
instead what was done by hand, write a migration of your own.

The tables in which other migration tools keep their versions are no difference.

Examples:

    fastmigrate drift --db data/shop.db
    fastmigrate drift --fix`
}

func (c driftCmd) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	o := a.options
	o.SkipPrograms = c.SkipPrograms
	c.ignored.apply(&o)
	compare := func() (drift.Report, error) { return drift.Find(a, a.db, os.DirFS(a.dir), o) }
	if c.Fix {
		compare = func() (drift.Report, error) { return drift.Fix(a, a.db, a.dir, o) }
	}
	r, err := compare()
	if err != nil {
		return err
	}
	hints, wrong := a.Names.AfterDrift(r), report.Found{}
	if len(r.Differences) > 0 && r.File == "" {
		wrong = report.Wrong("failed", fmt.Sprintf("the schema of %s is not that of its migrations", a.db), r.Version, hints)
	}
	err = a.Report(r.String(), drifted{r, hints, wrong})
	a.Advise(hints)
	return cmp.Or(err, wrong.Err())
}

type drifted struct {
	drift.Report
	Hints []string `json:"hints"` // commands to type next
	report.Found
}
