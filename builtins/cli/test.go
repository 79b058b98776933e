// The command test.

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"regexp/syntax"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/builtins/startest"
	"fastmigrate/core"
	"fastmigrate/core/coretest"
)

type testAll struct {
	Match string `name:"run" short:"r" placeholder:"REGEX" help:"Run only the tests whose names match."`
	trustFlag
	All        bool   `help:"Check every migration, without tests: on generated rows, and stopped at each statement and run again."`
	From       int    `placeholder:"N" help:"With --all, check only the migrations above version N."`
	NoPrograms bool   `help:"With --all, stop before the first .py or .sh migration."`
	Parallel   int    `placeholder:"N" help:"Number of tests to run at once. Default: the number of processors."`
	JUnit      string `name:"junit" placeholder:"FILE" help:"Also write the results to FILE as JUnit XML; - is standard output."`
}

func (testAll) Help() string {
	return `Runs the functions test_* in files *_test.star, which are beside the migrations or
in the directory tests. Each test has a temporary directory of its own. For an
example, see "fastmigrate docs scratch_db".

.py and .sh migrations run on the databases of the tests, and are not told the path
of the real one. A program that knows this path from elsewhere can still reach it.
In a test, it is always noon of 2000-01-01 in Starlark and SQL;
programs see the real clock.

Examples:

    fastmigrate test -v
    fastmigrate test --run split --junit results.xml
    fastmigrate test --all --migrations migrations`
}

func (c testAll) Run(a *app) error {
	if err := a.readable(); err != nil {
		return err
	}
	match, err := regexp.Compile(c.Match)
	if err == nil {
		err = c.misused()
	} else if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		err = fmt.Errorf("--run: %q is not a regular expression: %s", c.Match, wrong.Code)
	}
	if err != nil {
		return hint.Usage{Err: err}
	}
	o := a.options
	o.Logger, o.Output = nil, nil // tests use many databases, of no interest to the reader
	o.Trial = &core.Trial{Originals: []string{a.db}}
	if c.All {
		return c.check(a, o)
	}
	write, err := a.file("--junit", c.JUnit)
	if err != nil {
		return err
	}
	list, err := startest.Run(a, startest.Options{Core: o, DB: a.said("db"), Migrations: a.dir, Run: match, Parallel: c.Parallel, Trust: c.Trust, OnFile: func(list []startest.Result) {
		if !a.JSON && !a.Quiet {
			startest.Write(a.Shown, list, a.Verbose, a.Show)
		}
	}})
	if err == nil && c.JUnit != "" {
		var text []byte
		if text, err = startest.JUnit(list); err == nil {
			err = write(text)
		}
	}
	if err != nil {
		return err
	}
	n, results := 0, []result.Test{}
	for _, r := range list {
		n += min(len(r.Errors), 1)
		results = append(results, result.Test{Result: r, Errors: report.Problems(r.Errors)})
	}
	if n == 0 && !a.JSON {
		return nil
	}
	text, wrong := fmt.Sprintf("%d of %s failed", n, report.Count(len(list), "test")), report.Found{}
	if n > 0 {
		wrong = report.Wrong("failed", text, -1, nil)
	}
	err = a.Report(text, result.Tests{Tests: results, Failed: n, Found: wrong})
	return cmp.Or(err, wrong.Err())
}

// misused is the first rule that the flags break.
func (c testAll) misused() error {
	switch {
	case c.Parallel < 0:
		return fmt.Errorf("--parallel=%d: a number of tests cannot be negative", c.Parallel)
	case c.From < 0:
		return fmt.Errorf("--from=%d: a version cannot be negative", c.From)
	case !c.All && c.From > 0:
		return errors.New("--from needs --all")
	case !c.All && c.NoPrograms:
		return errors.New("--no-programs needs --all")
	case c.All && c.Match != "":
		return errors.New("--run and --all can't be used together")
	case c.All && c.JUnit != "":
		return errors.New("--junit and --all can't be used together")
	}
	return nil
}

// check is test --all.
func (c testAll) check(a *app, o core.Options) error {
	list, err := coretest.Run(a, os.DirFS(a.dir), coretest.Options{Core: o, From: c.From, NoPrograms: c.NoPrograms, OnChecked: func(m coretest.Checked) {
		if a.JSON || a.Quiet {
			return
		}
		a.Say(m.String())
		for _, p := range m.Problems {
			a.Checked(p).Write(a.Shown, a.Show)
		}
	}})
	if err != nil {
		return err
	}
	n, results := 0, []result.Migration{}
	for _, m := range list {
		n += len(m.Problems)
		results = append(results, result.Migration{Checked: m, Problems: a.CheckedProblems(m.Problems)})
	}
	if n == 0 && !a.JSON {
		return nil
	}
	text, wrong, hints := "found "+report.Count(n, "problem"), report.Found{}, []string{}
	if n > 0 {
		hints = append(hints, "to skip migrations that are deployed everywhere: "+a.Names.On("fastmigrate test --all --from N"))
		wrong = report.Wrong("migration", text, -1, hints)
	}
	err = a.Report(text, result.AllChecked{Migrations: results, Problems: n, Found: wrong})
	a.Advise(hints)
	return cmp.Or(err, wrong.Err())
}
