// Package startest runs tests in Starlark: the functions test_* of files *_test.star,
// each in its own directory, with databases that the migrations create. Most programs
// need one call:
//
//	results, err := startest.Run(ctx, startest.Options{Migrations: "migrations"})
//
// A test sees neither the environment nor the clock, and runs no programs except those of
// migrations. [Functions] documents what it can call besides package builtins, and
// [Write] and [JUnit] print results.
package startest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"fastmigrate/builtins"
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	"fastmigrate/core/coretest"
	"fastmigrate/core/temp"
	host "fastmigrate/starlark"
)

// Functions lists what a test can call besides the functions of a Fastmigratefile.
func Functions() []*row.Builtin {
	t := &trial{}
	return slices.Concat(t.rows(), t.methods(""), asserts)
}

// Options says which tests run, and how. The zero value runs all tests.
type Options struct {
	// Core is passed to package core with each call.
	Core core.Options

	// Migrations is the migrations directory. If empty, migrations.
	Migrations string

	// DB is the database of calls that name none: in a test, its counterpart in the
	// directory of the test. If empty, data/database.db.
	DB string

	// Run takes only the tests whose names it matches. If nil, all run.
	Run *regexp.Regexp

	// Parallel is how many tests run at once. If zero, one for each processor.
	Parallel int

	// Trust uses a Fastmigratefile that was found above the working directory, and the files
	// beside it, whoever owns them. If false, see [fastmigrate/starlark/discover.Own].
	Trust bool

	// OnFile is called after the tests of a file, in the order of the files. If nil, no one
	// is notified.
	OnFile func([]Result)
}

// Result is the result of one test.
type Result struct {
	File    string      `json:"file"`
	Name    string      `json:"name"` // "" if the file could not be loaded
	Line    int         `json:"line"`
	Seconds float64     `json:"seconds"`
	Errors  host.Errors `json:"errors,omitempty"` // nil: it succeeded
	Output  string      `json:"output,omitempty"` // what it printed
}

// ErrNoTests is the error of [Run] if it finds no test.
var ErrNoTests = errors.New("there are no tests")

// Run runs the functions test_* of the files *_test.star beside the migrations and in the
// directory tests beside them, or beside the Fastmigratefile. Each has its own directory,
// which is removed with its content. The outcome of a test is in its [Result]; the error
// is [ErrNoTests], that of ctx, or about files.
func Run(ctx context.Context, o Options) ([]Result, error) {
	if o.Migrations == "" {
		o.Migrations = "migrations"
	}
	trial := core.Trial{}
	if o.Core.Trial != nil {
		trial = *o.Core.Trial
	}
	o.Core.Trial = &trial
	if o.Parallel == 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	p, err := findProject(o.Migrations)
	if err == nil && o.DB != "" {
		p.db, err = filepath.Abs(o.DB)
	}
	if err != nil {
		return nil, err
	}
	p.trust = o.Trust
	files, looked, err := p.files()
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: no *_test.star in %s", ErrNoTests, strings.Join(looked, " nor in "))
	}
	var beside []string
	for _, path := range append([]string{p.db}, trial.Originals...) {
		if dir := filepath.Dir(path); path != "" && !slices.Contains(beside, p.shown(dir)) {
			beside = append(beside, p.shown(dir))
		}
	}
	scratch, err := temp.Scratch(temp.Plain, beside...)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	t := &tester{Options: o, project: p, fsys: p.own(root.FS()), temp: scratch}
	t.templates = &templates{dir: scratch, fsys: os.DirFS(o.Migrations), o: o.Core, made: map[int]string{}}
	return t.all(ctx, files)
}

// tester runs tests.
type tester struct {
	Options
	project   *project
	fsys      fs.FS
	temp      string
	templates *templates
}

// all runs the tests of all files, and reports them in order.
func (t *tester) all(ctx context.Context, files []string) (results []Result, err error) {
	type file struct {
		results []Result
		done    sync.WaitGroup
	}
	var all []*file
	free := make(chan bool, t.Parallel)
	n := 0
	for _, name := range files {
		f := &file{results: t.list(ctx, name)}
		if len(f.results) > 0 {
			all = append(all, f)
		}
		for i := range f.results {
			r := &f.results[i]
			n++
			if r.Errors != nil {
				continue
			}
			dir := filepath.Join(t.temp, fmt.Sprint(n))
			f.done.Go(func() {
				free <- true
				defer func() { <-free }()
				if ctx.Err() == nil {
					t.run(ctx, name, dir, r)
				}
			})
		}
	}
	for _, f := range all {
		if f.done.Wait(); ctx.Err() != nil {
			err = context.Cause(ctx)
			continue
		}
		results = append(results, f.results...)
		if t.OnFile != nil {
			t.OnFile(f.results)
		}
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: no name of a function test_* in %s matches", ErrNoTests, strings.Join(files, ", "))
	}
	return results, err
}

// list returns the tests of a file, in its order; one result with errors if it
// cannot be loaded.
func (t *tester) list(ctx context.Context, name string) (list []Result) {
	at := t.project.shown(filepath.Join(t.project.dir, filepath.FromSlash(name)))
	f, err := t.load(ctx, name, t.trial(t.project.dir))
	var errs host.Errors
	switch {
	case errors.As(err, &errs):
		for _, e := range errs {
			t.place(e, t.project.dir)
		}
		return []Result{{File: at, Errors: errs}}
	case err != nil:
		return []Result{{File: at, Errors: host.Errors{{Kind: "usage", Message: err.Error(), Err: err}}}}
	}
	for _, task := range f.Tasks {
		name := strings.ReplaceAll(task.Name, "-", "_")
		if strings.HasPrefix(name, "test_") && (t.Run == nil || t.Run.MatchString(name)) {
			list = append(list, Result{File: at, Name: name, Line: task.Line})
		}
	}
	slices.SortStableFunc(list, func(a, b Result) int { return a.Line - b.Line })
	return list
}

// load loads a file for one test.
func (t *tester) load(ctx context.Context, name string, of *trial) (*host.File, error) {
	o := of.options()
	o.Migrations = t.project.migrations
	names := builtins.New(o).Predeclared()
	for _, b := range builtins.All() {
		if b.When == row.AtLoad || b.Effect == row.Runs || b.Name == "confirm" {
			delete(names, b.Name)
		}
	}
	for _, b := range of.rows() {
		names[b.Name] = b.Function(of.usual)
	}
	names["assert"] = &row.Object{Name: "assert", Methods: row.MethodsOf(asserts, "assert", of.usual)}
	return host.Load(ctx, t.fsys, host.Options{File: name, Dir: of.dir, Predeclared: names})
}

// run runs one test in a directory that is there only meanwhile.
func (t *tester) run(ctx context.Context, name, dir string, r *Result) {
	start := time.Now()
	of := t.trial(dir)
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		defer os.RemoveAll(dir)
		var f *host.File
		if f, err = t.load(ctx, name, of); err == nil {
			_, err = f.Call(coretest.Still(ctx, "test"), r.Name)
		}
	}
	r.Seconds, r.Output = time.Since(start).Seconds(), strings.ReplaceAll(of.out.String(), dir+string(filepath.Separator), "")
	if err != nil && !errors.As(err, &r.Errors) {
		r.Errors = host.Errors{{Kind: "internal", Message: err.Error(), Err: err}}
	}
	for _, e := range r.Errors {
		t.place(e, dir)
	}
}

// place makes an error name the files of the project, not their copies in the directory
// of the test.
func (t *tester) place(e *host.Error, dir string) {
	real := func(path string) string {
		rel, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(rel) {
			return path
		}
		return t.project.shown(filepath.Join(t.project.dir, rel))
	}
	for i := range e.Frames {
		e.Frames[i].File = real(e.Frames[i].File)
	}
	if e.Place != nil {
		e.Place.File = real(e.Place.File)
	}
	for _, text := range []*string{&e.Message, &e.State} {
		*text = strings.ReplaceAll(*text, dir+string(filepath.Separator), "")
	}
}
