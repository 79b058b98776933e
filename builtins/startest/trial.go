package startest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fastmigrate/builtins"
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	"fastmigrate/core/input"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// trial is one test while it runs. The invariant: it changes nothing outside of its
// directory, and what it gives depends on nothing but files: there is no
// environment, no clock, and no program is run by a task.
type trial struct {
	project   *project
	templates *templates
	core      core.Options
	dir       string // relative paths are relative to it
	databases int
	copied    bool // it holds what run_task needs of the project
	out       *bytes.Buffer

	// Of the task that runs.
	env    *starlark.Dict
	reply  starlark.Callable // answers sh(); nil: nothing is printed, and the status is 0
	called []starlark.Value
	inputs []starlark.Value // of each call, what it was given to read, or None
}

// trial is a test in a directory.
func (t *tester) trial(dir string) *trial {
	of := &trial{project: t.project, templates: t.templates, core: t.Core, dir: dir, out: &bytes.Buffer{}}
	if of.core.Hold == nil {
		of.core.Hold = &core.Hold{}
	}
	return of
}

// now is the time in every test.
var now = time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)

// options are those of a Fastmigratefile in the world of the test.
func (t *trial) options() builtins.Options {
	return builtins.Options{Core: t.core, DB: t.db(), Out: t.out, Log: t.out,
		Getenv: t.getenv, Sh: t.answer, Now: func() time.Time { return now }}
}

// usual is the migrations directory.
func (t *trial) usual(*row.Call) string { return t.project.migrations }

// getenv is a variable of what run_task was given.
func (t *trial) getenv(name string) string {
	if t.env != nil {
		if v, ok, _ := t.env.Get(starlark.String(name)); ok {
			return row.Joined(starlark.Tuple{v})
		}
	}
	return ""
}

// answer notes a call of sh, and gives what the test says that it gives.
func (t *trial) answer(thread *starlark.Thread, words []string, input *string) (code int, out string, err error) {
	t.called = append(t.called, row.ToStarlark(words))
	t.inputs = append(t.inputs, starlark.None)
	if input != nil {
		t.inputs[len(t.inputs)-1] = row.ToStarlark(*input)
	}
	if t.reply == nil {
		return 0, "", nil
	}
	v, err := starlark.Call(thread, t.reply, starlark.Tuple{row.ToStarlark(words)}, nil)
	if err != nil {
		return 0, "", err
	}
	switch v := v.(type) {
	case starlark.NoneType:
	case starlark.String:
		out = string(v)
	case starlark.Int:
		code, err = starlark.AsInt32(v)
	default:
		err = &host.Error{Kind: "usage", Message: "run_task: sh must return a string, an exit status or None, not " + v.Type()}
	}
	return code, out, err
}

// rows are the functions that a test has beside those of a Fastmigratefile.
func (t *trial) rows() []*row.Builtin { return []*row.Builtin{t.scratchDB(), t.runTask()} }

func (t *trial) runTask() *row.Builtin {
	return &row.Builtin{
		Name: "run_task", Params: []row.Param{row.NewParam("name", "string", "", "name of the task")},
		Rest:    "*args, sh = None, env = {}, **kwargs",
		Returns: "TaskRun(sh, input, out): a list with the words of each call of sh, a list with its input or None, and the printed text", Effect: row.Writes,
		Errors: []string{"not_found", "usage"},
		Doc: `Runs a task of the nearest Fastmigratefile, in the directory of the test.
That directory has a copy of the migrations, and of the files beside the Fastmigratefile
and in the directories there. Databases, hidden files and files above 1 MB are left
out; all copies together can have 1 GB. So relative paths work as the task expects, and
nothing else is touched. A database of scratch_db can be passed as a path.
sh() runs no program: the function sh is called with the list of words, and returns the
output or an exit status. Questions are answered with yes, and env is the environment.
If the task fails, so does run_task.`,
		Example: `def test_migrate():
    db = scratch_db(version = 0)
    done = run_task("migrate", db = db, sh = lambda words: "sent")
    assert.eq(done.sh, [["notify", "at version 7"]])`,
		When: row.InTask, Do: func(c *row.Call) (starlark.Value, error) {
			t.env, t.reply, t.called, t.inputs = nil, nil, nil, nil
			var kwargs []starlark.Tuple
			for _, kw := range c.Kwargs {
				switch v := kw[1].(type) {
				case starlark.Callable:
					if kw[0] == starlark.String("sh") {
						t.reply = v
						continue
					}
				case *starlark.Dict:
					if kw[0] == starlark.String("env") {
						t.env = v
						continue
					}
				}
				kwargs = append(kwargs, starlark.Tuple{kw[0], pathOf(kw[1])})
			}
			args := starlark.Tuple{}
			for _, v := range c.Args {
				args = append(args, pathOf(v))
			}
			var out bytes.Buffer
			if err := t.run(c, args, kwargs, &out); err != nil {
				return nil, err
			}
			return row.NewRecord("TaskRun", true, "sh", t.called, "input", t.inputs, "out", out.String()), nil
		},
	}
}

// pathOf is a value as a task takes it.
func pathOf(v starlark.Value) starlark.Value {
	if s, ok := v.(*scratch); ok {
		return starlark.String(s.path)
	}
	return v
}

// run loads the Fastmigratefile, as if it stood in the directory of the test, and
// runs the task.
func (t *trial) run(c *row.Call, args starlark.Tuple, kwargs []starlark.Tuple, out io.Writer) error {
	p := t.project
	if p.file == "" {
		return &host.Error{Kind: "not_found", Message: fmt.Sprintf("there is no %s in %s or above", host.Name, p.shown(p.dir))}
	}
	if err := t.prepare(c.Session); err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Dir(p.file))
	if err != nil {
		return err
	}
	defer root.Close()
	o := t.options()
	o.Migrations, o.Out = t.migrations(), out
	o.Confirm = func(context.Context, string) (bool, error) { return true, nil }
	f, err := host.Load(c.Session, p.own(root.FS()), host.Options{File: filepath.Base(p.file), Dir: t.dir, Predeclared: builtins.New(o).Predeclared(), Confirm: o.Confirm})
	if err == nil {
		var task *host.Task
		if task, err = f.Task(c.Text("name")); err == nil {
			err = f.Run(c.Session, task.With(args, kwargs))
		}
	}
	if errs := (host.Errors)(nil); errors.As(err, &errs) { // of which the first is why
		e := *errs[0]
		if e.Place == nil && len(e.Frames) > 0 {
			e.Place = &e.Frames[0]
		}
		e.Frames, e.Err = nil, errors.New(e.Message) // the way there is the test's
		return &e
	}
	if used := (host.Usage{}); errors.As(err, &used) {
		return &host.Error{Kind: "usage", Message: used.Error()}
	}
	return err
}

// counterpart returns the path in the directory of the test for a path of the project; ""
// if the path is "" or elsewhere.
func (t *trial) counterpart(path string) string {
	rel, err := filepath.Rel(t.project.dir, path)
	if path == "" || err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.Join(t.dir, rel)
}

// db is the database that a call without one means, from the working directory; ""
// if nothing says which.
func (t *trial) db() string {
	path := t.counterpart(t.project.db)
	if rel, err := filepath.Rel(t.project.here, path); err == nil && path != "" {
		return rel
	}
	return path
}

// migrations is the copy of the migrations directory.
func (t *trial) migrations() string {
	return cmp.Or(t.counterpart(t.project.migrations), filepath.Join(t.dir, "migrations"))
}

// prepare copies what a task may read of the project.
func (t *trial) prepare(ctx context.Context) error {
	if t.copied {
		return nil
	}
	t.copied = true
	p, files := t.project, &copies{left: input.MaxMigration, of: map[string]int64{}}
	err := files.tree(ctx, filepath.Dir(p.file), t.dir, func(path string, info fs.FileInfo) bool {
		return !strings.HasPrefix(info.Name(), ".") && path != p.migrations && (info.IsDir() || info.Size() <= 1<<20 && !isDatabase(path))
	})
	if err == nil {
		err = files.tree(ctx, p.migrations, t.migrations(), func(string, fs.FileInfo) bool { return true })
	}
	if errors.Is(err, errMany) {
		return &host.Error{Kind: "failed", Message: fmt.Sprintf("run_task: more than %d MB of files would be copied for the test, mostly %s", int64(input.MaxMigration)>>20, p.shown(files.most()))}
	}
	return err
}

// isDatabase reports whether a file begins as a database does.
func isDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [16]byte
	io.ReadFull(f, head[:])
	return string(head[:]) == "SQLite format 3\x00"
}

// copies are files that are copied, up to a size of all together.
type copies struct {
	left int64
	of   map[string]int64 // what each file and directory at the top has of it
}

var errMany = errors.New("there is more to copy than that")

// tree copies the regular files of a directory that are wanted, and those of the
// directories in it that are.
func (c *copies) tree(ctx context.Context, from, to string, want func(path string, info fs.FileInfo) bool) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrPermission):
			return fs.SkipDir
		case err != nil || path == from:
			return err
		}
		info, err := os.Stat(path)
		switch {
		case err == nil && e.IsDir() && !want(path, info):
			return fs.SkipDir
		case err != nil || !info.Mode().IsRegular() || !want(path, info):
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		top, _, _ := strings.Cut(rel, string(filepath.Separator))
		size := max(info.Size(), 4096) // as on a disk
		c.left -= size
		if c.of[filepath.Join(from, top)] += size; c.left < 0 {
			return errMany
		}
		return copyRegular(ctx, path, filepath.Join(to, rel), info)
	})
}

// most is what most of the copied files are in.
func (c *copies) most() (path string) {
	for one, size := range c.of {
		if size > c.of[path] {
			path = one
		}
	}
	return path
}

// copyRegular copies a file, unless there is one. It ends when ctx does.
func copyRegular(ctx context.Context, from, to string, info fs.FileInfo) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	for err == nil && ctx.Err() == nil {
		_, err = io.CopyN(out, in, 1<<20)
	}
	if err == nil {
		err = context.Cause(ctx)
	} else if err == io.EOF {
		err = nil
	}
	return errors.Join(err, out.Close())
}
