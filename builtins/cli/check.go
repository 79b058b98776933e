// The commands that compare a database with what it should be. Their findings are the
// result; the exit status says whether there are any.

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
	"fastmigrate/builtins/cli/internal/result"
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
	return `Checks every page, index and constraint, foreign keys, full-text tables against
the tables that they index, the version and the history, and whether a crash left a
transaction unfinished. A file of 0 bytes is not yet a database, and a problem.
Nothing is created or changed; full-text tables that index another table are
checked on a private copy.

The exit status is 1 if there is a problem. A note is about something that may be
intended, or about a table that only its application can check.

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
	err = a.Report(strings.Join(report.Lines(list), "\n"), result.Checked{Database: a.db, Version: result.VersionOf(r.Version), Report: r, Hints: hints, Found: wrong})
	a.Advise(hints)
	return cmp.Or(err, wrong.Err())
}

type showSchema struct {
	Output string `xor:"file" placeholder:"FILE" help:"Write the schema to FILE; - is standard output."`
	Check  string `xor:"file" placeholder:"FILE" help:"Compare the schema to FILE; the exit status is 1 if they differ."`
	Format string `enum:"sql,dot,mermaid" default:"sql" help:"sql, or a diagram: dot (Graphviz) or mermaid (Markdown)."`
}

func (showSchema) Help() string {
	return `The same schema always gives the same text, in whatever order it was created. The
tables of fastmigrate itself are left out. --check ignores order, white space and
comments.

With schema = FILE under [paths] in .fastmigrate, FILE is kept up to date: each
run-migrations, enroll-db, adopt and restore-db that succeeds writes it, and so do
run_migrations, enroll_db and restore_db in a task, if they are called for the
database of the settings. If it cannot be written, a warning says so.

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
		return a.Report("", result.SchemaWritten{Database: a.db, File: c.Output})
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
			wrong = report.Wrong("failed", fmt.Sprintf("the schema of %s differs from %s", a.db, c.Check), -1, nil)
		}
		if !same || a.JSON {
			err = a.Report(visible.Text(strings.TrimSuffix(unified, "\n")), result.SchemaCompared{Database: a.db, File: c.Check, Same: same, Difference: unified, Found: wrong})
		}
		return cmp.Or(err, wrong.Err())
	default:
		return a.Report(strings.TrimSuffix(text, "\n"), append([]schema.Object{}, list...))
	}
}

type driftCmd struct {
	Fix          bool `help:"Write the migration NNNN-drift.sql, which records the changes made by hand."`
	SkipPrograms bool `help:"Do not run .py and .sh migrations. Their changes count as differences."`
	ignored
}

func (driftCmd) Help() string {
	return `Runs the migrations up to the database's version, .py and .sh included, on a
scratch database and compares the schemas. The exit status is 1 if they differ.
Nothing is done to the database itself: programs get the path of the scratch
database, as in rehearse --scripts. A program that knows another path to the
database can still reach it.

--fix writes a migration that records changes made by hand. It changes nothing in
this database, and brings all others to the same schema. Before it is written, it
is tried on the scratch database, and on a private copy of this one, in which no
row may change. Read it: a comment marks each statement that loses data. To undo
the manual changes instead, write a migration of your own.

Version tables of other migration tools are ignored.

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
		wrong = report.Wrong("failed", fmt.Sprintf("the schema of %s differs from that of its migrations", a.db), r.Version, hints)
	}
	err = a.Report(r.String(), result.Drifted{Report: r, Hints: hints, Found: wrong})
	a.Advise(hints)
	return cmp.Or(err, wrong.Err())
}
