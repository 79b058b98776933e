// The command rehearse, and the flag --dry-run.

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/page"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/core"
	"fastmigrate/core/finding"
	"fastmigrate/core/rehearse"

	"github.com/alecthomas/kong"
)

// rehearse is the flag --dry-run, or --dry-run=scripts.
type rehearseFlag struct{ on, programs bool }

// IsBool lets the flag stand alone.
func (rehearseFlag) IsBool() bool { return true }

// Decode reads its value.
func (r *rehearseFlag) Decode(ctx *kong.DecodeContext) error {
	r.on = true
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	if v := fmt.Sprint(ctx.Scan.Pop().Value); v == "scripts" {
		r.programs = true
	} else if v != "true" {
		return fmt.Errorf("use --dry-run or --dry-run=scripts, not %q", v)
	}
	return nil
}

// rehearsed reports what the rehearsal of these options did, which ended with err, also
// as a page; nil: none is asked for. Notes are lines below the report. The list is of what
// was reported; nil if nothing was.
func (a *app) rehearsed(o core.Options, err error, write func([]byte) error, notes ...string) ([]rehearse.Report, error) {
	if a.Err() != nil { // who interrupts it does not want to wait for a report
		return nil, err
	}
	list, wrong := rehearse.Of(o).Report(a, o)
	if wrong != nil {
		return nil, errors.Join(err, wrong)
	}
	for i := range list {
		list[i].Fail(err)
	}
	if wrong := a.writePage(write, list, err); wrong != nil {
		return nil, errors.Join(err, wrong)
	}
	if len(list) == 0 && err != nil { // it came to nothing
		return nil, err
	}
	if err != nil {
		err = &report.RehearsalError{Err: err, List: list}
	}
	if err != nil && slices.ContainsFunc(list, skipped) {
		err = hint.Add(err, "programs were not run, which may be the cause: --dry-run=scripts, or rehearse --scripts, runs them too")
	}
	if err != nil && a.JSON { // fail reports them with it
		return nil, err
	}
	return list, errors.Join(err, a.Rehearsed(list, notes...))
}

// writePage writes the page of a rehearsal, if one is asked for: also of one that never began,
// or an old page would stay.
func (a *app) writePage(write func([]byte) error, list []rehearse.Report, err error) error {
	if write == nil {
		return nil
	}
	var b bytes.Buffer
	if wrong := page.Write(&b, list, err, a.Names.For(err), time.Now()); wrong != nil {
		return wrong
	}
	return write(b.Bytes())
}

// nonePending is the note of a run that had nothing to apply.
func nonePending(r core.Result, err error) []string {
	if err != nil || len(r.Applied) > 0 {
		return nil
	}
	return []string{"nothing is pending"}
}

// skipped reports whether programs were not run.
func skipped(r rehearse.Report) bool {
	return slices.ContainsFunc(r.Applied, func(m rehearse.Migration) bool { return m.Skipped != nil })
}

type rehearseDB struct {
	migrationFlags
	Scripts  bool   `help:"Run .py and .sh migrations too, on the copy. Effects outside the copy are real."`
	ExitCode bool   `help:"Exit with status 3 if there are warnings that no comment accepts, or new problems."`
	HTML     string `name:"html" placeholder:"FILE" help:"Also write the report to FILE as an HTML page; - is standard output."`
}

func (rehearseDB) Help() string {
	codes := ""
	for _, c := range finding.Codes {
		codes += fmt.Sprintf("    %-22s %s\n", c, c.Means())
	}
	return `The copy is in the system's temporary directory, and is removed at the end. The
report shows how each migration changed the schema and the rows, how long it took
and how much disk space it needs. It warns about lost data and checks the database.
The exit status is that of run-migrations.

Each warning or note has a code and a line:

` + codes + `
To accept a finding, put a comment into the migration: in the first lines for the
whole file, or above a statement for that statement. In .star, .py and .sh, the
comment begins with # and must be in the first ten lines:

    -- fastmigrate: accept destructive, values

A file that a .sql migration attaches is copied too, and VACUUM INTO writes to a
private file. The report prefixes tables of such a file with its schema: o.people.

With --exit-code, for a pipeline, the exit status is 1 if a migration fails, and 3 if
there are warnings that no comment accepts, or new problems. Notes do not count.

With --scripts, programs get the path of the copy: as argument, in FASTMIGRATE_DB and
in other variables that name the database. Their working directory has links to the
files in yours, with the copy in place of the database. A program can still reach the
real database by a path that it knows from elsewhere: one written into it, or one
relative to its own file.

Examples:

    fastmigrate rehearse --db data/shop.db
    fastmigrate rehearse --scripts --html rehearsal.html
    fastmigrate rehearse --exit-code --json`
}

func (c rehearseDB) Run(a *app) error {
	write, err := a.file("--html", c.HTML)
	if err != nil {
		return err
	}
	o := a.options
	r := &rehearse.Rehearsal{Programs: c.Scripts}
	defer r.Close()
	o = r.Options(o)
	result, failed := c.apply(a, o)
	m := (*report.RunError)(nil)
	never := failed != nil && !errors.As(failed, &m) || errors.Is(failed, core.ErrUnversioned) || errors.Is(failed, core.ErrMeta) // which is all that a report could say
	if a.Err() != nil || never {
		return errors.Join(failed, a.writePage(write, nil, failed))
	}
	list, err := a.rehearsed(o, failed, write, nonePending(result, failed)...)
	if err == nil && c.ExitCode && slices.ContainsFunc(list, rehearse.Report.Stand) {
		return report.Exit(3)
	}
	return err
}
