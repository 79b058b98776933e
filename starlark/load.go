// The load phase. The invariant: nothing that runs in it touches the world, and it
// ends, whatever the file contains.

package starlark

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"fastmigrate/starlark/internal/bound"
	"fastmigrate/starlark/internal/source"

	startime "go.starlark.net/lib/time"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
)

// File is a loaded Fastmigratefile.
type File struct {
	Name   string  // of the file, as messages have it
	Doc    string  // its docstring
	Tasks  []*Task // in the order of the file
	Script bool    // it has no functions: its top level is the task

	o           Options
	fsys        fs.FS
	predeclared starlark.StringDict
	modules     map[string]*module
	loading     []string // the files that are being loaded, each by the one before
	declared    []Declaration
}

// Load loads the file of fsys, and the files that it loads. No task runs. Nothing
// outside fsys is read; for a directory on disk, [os.Root.FS] keeps links inside it.
// Errors: [Errors]; [fs.ErrNotExist].
func Load(ctx context.Context, fsys fs.FS, o Options) (*File, error) {
	f := &File{Name: o.File, o: o, fsys: fsys, modules: map[string]*module{}}
	if f.Name == "" {
		f.Name = Name
	}
	f.predeclared = ownFunctions()
	maps.Copy(f.predeclared, bound.Functions(framing))
	f.predeclared["["] = starlark.NewBuiltin("[", indexed)
	if o.Source == nil {
		f.predeclared["time"] = framedModule(startime.Module)
	}
	f.predeclared["struct"] = starlark.NewBuiltin("struct", starlarkstruct.Make)
	for name, v := range o.Predeclared {
		if b, ok := v.(*starlark.Builtin); ok {
			v = Guard(b)
		}
		f.predeclared[name] = v
	}
	ctx, cancel := f.limited(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- f.declare(ctx) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		select {
		case err = <-ended:
		case <-time.After(stuck): // within one operation, which is abandoned
			return nil, (&File{}).explain(ctx.Err(), &Session{Context: ctx})
		}
	}
	if err != nil {
		return nil, f.explain(err, nil)
	}
	return f, nil
}

// stuck is how long one operation may continue after the end of the load phase.
const stuck = time.Second / 5

// declare runs the load phase.
func (f *File) declare(ctx context.Context) (err error) {
	defer recovered(&err, "")
	m, err := f.parse(f.Name)
	if err != nil {
		return err
	}
	f.Doc = source.Docstring(m.syntax)
	f.Script = source.IsScript(m.syntax)
	s := &Session{Context: ctx, file: f, loading: true}
	if _, err := f.run(s, func(t *starlark.Thread) (starlark.Value, error) {
		if f.Script {
			return nil, f.loads(t, m)
		}
		_, err := f.load(t, f.Name)
		return nil, err
	}); err != nil {
		return err
	}
	if f.Script {
		f.Tasks = []*Task{f.scriptTask(m)}
		return nil
	}
	f.Tasks, err = f.tasks()
	return err
}

// limited adds the limits of the load phase to ctx.
func (f *File) limited(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	timeout, memory := f.o.LoadTimeout, f.o.LoadMemory
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	if memory == 0 {
		memory = 256 << 20
	}
	ctx, cancel := context.WithCancelCause(ctx)
	heap := func() uint64 { // package runtime/metrics would take time at each start of the program
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	start, before := time.Now(), heap()
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := heap()
			before = min(before, now) // garbage from before is not the file's
			switch {
			case time.Since(start) > timeout:
				cancel(&Error{Kind: "usage", Message: fmt.Sprintf("loading it takes longer than %v", timeout), Hint: "move the work into a function"})
			case now > before+memory:
				cancel(&Error{Kind: "usage", Message: fmt.Sprintf("loading it takes more than %d MB of memory", memory>>20), Hint: "move the work into a function"})
			}
		}
	}()
	return ctx, cancel
}

// load returns the globals of a file, which runs when it is loaded first.
func (f *File) load(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	if i := slices.Index(f.loading, name); i >= 0 {
		return nil, wrong("load goes in a circle: %s -> %s", strings.Join(f.loading[i:], " -> "), name)
	}
	m, err := f.parse(name)
	if err != nil {
		return nil, err
	}
	if m.globals != nil {
		return m.globals, nil
	}
	f.loading = append(f.loading, name)
	defer func() { f.loading = f.loading[:len(f.loading)-1] }()
	s := Of(thread)
	defer func(was bool) { s.loading = was }(s.loading)
	s.loading = true
	m.globals, err = m.program.Init(thread, f.predeclared)
	m.globals.Freeze()
	return m.globals, err
}

// loads runs the load statements of a script ahead of it.
func (f *File) loads(thread *starlark.Thread, m *module) error {
	file := &syntax.File{Path: m.syntax.Path, Options: m.syntax.Options}
	for _, stmt := range m.syntax.Stmts {
		if l, ok := stmt.(*syntax.LoadStmt); ok {
			file.Stmts = append(file.Stmts, l)
		}
	}
	program, err := starlark.FileProgram(file, f.predeclared.Has)
	if err != nil {
		return err
	}
	f.loading = []string{f.Name}
	defer func() { f.loading = nil }()
	_, err = program.Init(thread, f.predeclared)
	return err
}

// loadFrom is load() in a file: its paths are relative to that file, and stay in the
// project.
func (f *File) loadFrom(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	if f.o.Source != nil {
		return nil, wrong("this file cannot load others, because they could change after it was applied")
	}
	from := thread.CallFrame(0).Pos.Filename()
	to := path.Join(path.Dir(from), name)
	switch {
	case path.IsAbs(name) || strings.Contains(name, `\`) || strings.Contains(name, ":"):
		return nil, wrong("%q is not a path relative to %s, with slashes", name, from)
	case !fs.ValidPath(to):
		return nil, wrong("%s is outside of the project, which is the directory of the %s", to, Name)
	}
	return f.load(thread, to)
}

// wrong is an error in a file itself.
func wrong(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: "usage", Message: err.Error(), Err: err}
}
