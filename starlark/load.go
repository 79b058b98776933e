// The load phase. The invariant: nothing that runs in it can touch the world,
// and it ends, whatever the file says.

package starlark

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime/metrics"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.starlark.net/lib/math"
	startime "go.starlark.net/lib/time"
	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
)

// dialect is the strict one, with if and for at the top level.
var dialect = &syntax.FileOptions{Set: true, TopLevelControl: true}

// maxSource bounds the size of a file, and with it how long it takes to read.
const maxSource = 256 << 10

// File is a Fastmigratefile that was loaded.
type File struct {
	Name   string  // of the file, as it stands in messages
	Doc    string  // its docstring
	Tasks  []*Task // in the order of the file
	Script bool    // it has no function: its top level is the task

	o           Options
	fsys        fs.FS
	predeclared starlark.StringDict
	modules     map[string]*module
	loading     []string // the files that are being loaded, each by the one before
	declared    []Declaration
}

// module is one file of a project.
type module struct {
	source  []byte
	syntax  *syntax.File
	program *starlark.Program
	globals starlark.StringDict // nil until it has run
}

// Load loads the file of fsys, and what it loads, and runs no task. No file
// outside of fsys is read; for a directory on disk, os.Root.FS keeps links from
// leading out of it. Errors: Errors; fs.ErrNotExist.
func Load(ctx context.Context, fsys fs.FS, o Options) (*File, error) {
	f := &File{Name: o.File, o: o, fsys: fsys, modules: map[string]*module{}}
	if f.Name == "" {
		f.Name = Name
	}
	f.predeclared = bounded()
	f.predeclared["math"] = math.Module
	if o.Source == nil {
		f.predeclared["time"] = startime.Module
	}
	f.predeclared["struct"] = starlark.NewBuiltin("struct", starlarkstruct.Make)
	for name, v := range o.Predeclared {
		if b, ok := v.(*starlark.Builtin); ok {
			v = guard(b)
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
		case <-time.After(stuck): // in one operation: its end is nobody's concern any more
			return nil, (&File{}).explain(ctx.Err(), &Session{Context: ctx})
		}
	}
	if err != nil {
		return nil, f.explain(err, nil)
	}
	return f, nil
}

// stuck is how long one operation may go on after the load phase was to end.
const stuck = time.Second / 5

// declare runs the load phase.
func (f *File) declare(ctx context.Context) (err error) {
	defer recovered(&err, "")
	m, err := f.parse(f.Name)
	if err != nil {
		return err
	}
	f.Doc = docstring(m.syntax)
	f.Script = isScript(m.syntax)
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

// limited is ctx with the limits of the load phase.
func (f *File) limited(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	timeout, memory := f.o.LoadTimeout, f.o.LoadMemory
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	if memory == 0 {
		memory = 256 << 20
	}
	ctx, cancel := context.WithCancelCause(ctx)
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	heap := func() uint64 { metrics.Read(sample); return sample[0].Value.Uint64() }
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
			before = min(before, now) // what was garbage then is none of the file's
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

// readFile reads what may be one of the project's files.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Kind: "usage", Message: name + " does not exist", Err: err}
	case err != nil && strings.Contains(err.Error(), "escapes from parent"): // to os.Root
		return nil, wrong("%s is a link out of the project, which is the directory of the %s", name, Name)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a pipe may never end
		return nil, wrong("%s is no regular file", name)
	case info.Size() > maxSource:
		return nil, wrong("%s has %d bytes, and a file may have %d", name, info.Size(), maxSource)
	}
	return fs.ReadFile(fsys, name)
}

// parse reads one file and what its names mean.
func (f *File) parse(name string) (*module, error) {
	if m, ok := f.modules[name]; ok {
		return m, nil
	}
	source, err := f.o.Source, error(nil)
	if source == nil {
		source, err = readFile(f.fsys, name)
	}
	if err != nil {
		return nil, err
	}
	source = bytes.TrimPrefix(source, []byte("\uFEFF"))
	m := &module{source: source}
	f.modules[name] = m
	if m.syntax, err = dialect.Parse(name, source, 0); err != nil {
		return nil, misspelt(name, string(source), err)
	}
	bound(m.syntax)
	m.program, err = starlark.FileProgram(m.syntax, f.predeclared.Has)
	return m, err
}

// misspelt adds to the first error of a text those of the statements after it: the
// parser stops at one.
func misspelt(name, text string, err error) error {
	var list resolve.ErrorList
	lines := strings.SplitAfter(text, "\n")
	from := 0
	for e := (syntax.Error{}); errors.As(err, &e) && len(list) < 10; {
		if e.Pos.Col == 1 && e.Pos.Line > 1 && strings.HasPrefix(e.Msg, "got newline") { // the one that ends the line before
			e.Pos.Line--
			e.Pos.Col = int32(utf8.RuneCountInString(strings.TrimRight(lines[e.Pos.Line-1], "\r\n"))) + 1
		}
		list = append(list, resolve.Error(e))
		for from = max(from+1, int(e.Pos.Line)-1); from < len(lines) && !statement.MatchString(lines[from]); from++ {
		}
		if from >= len(lines) || strings.Contains(e.Msg, "EOF") {
			break
		}
		_, err = dialect.Parse(name, strings.Repeat("\n", from)+strings.Join(lines[from:], ""), 0)
	}
	return list
}

// statement is a line with which something new begins.
var statement = regexp.MustCompile(`^(def |load\(|task\(|\w+ = )`)

// load gives the globals of a file, which runs the first time.
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

// loads runs what a script loads, and not the script: the script finds it done.
func (f *File) loads(thread *starlark.Thread, m *module) error {
	file := &syntax.File{Path: m.syntax.Path, Options: dialect}
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

// loadFrom is load() in a file: relative to it, and never outside the project.
func (f *File) loadFrom(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	if f.o.Source != nil {
		return nil, wrong("this file stands alone, and loads nothing: what it loaded could change after it was applied")
	}
	from := thread.CallFrame(0).Pos.Filename()
	to := path.Join(path.Dir(from), name)
	switch {
	case path.IsAbs(name) || strings.Contains(name, `\`) || strings.Contains(name, ":"):
		return nil, wrong("%q is no path relative to %s, with slashes", name, from)
	case !fs.ValidPath(to):
		return nil, wrong("%s is outside of the project, which is the directory of the %s", to, Name)
	}
	return f.load(thread, to)
}

// wrong is an error of a file itself.
func wrong(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: "usage", Message: err.Error(), Err: err}
}

// isScript reports whether a file has no function and declares no task.
func isScript(file *syntax.File) bool {
	script := true
	for _, stmt := range file.Stmts {
		syntax.Walk(stmt, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.DefStmt:
				script = false
			case *syntax.CallExpr:
				if id, ok := n.Fn.(*syntax.Ident); ok && id.Name == "task" {
					script = false
				}
			}
			return script
		})
	}
	return script
}

// docstring is the text that a file begins with.
func docstring(file *syntax.File) string {
	if len(file.Stmts) > 0 {
		if e, ok := file.Stmts[0].(*syntax.ExprStmt); ok {
			if l, ok := e.X.(*syntax.Literal); ok && l.Token == syntax.STRING {
				return l.Value.(string)
			}
		}
	}
	return ""
}

// problems lists what is wrong with a text that does not parse or resolve.
func problems(err error) []syntax.Error {
	var list resolve.ErrorList
	var one syntax.Error
	switch {
	case errors.As(err, &list):
		var all []syntax.Error
		for _, e := range list {
			all = append(all, syntax.Error(e))
		}
		slices.SortStableFunc(all, func(a, b syntax.Error) int {
			return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
		})
		return all
	case errors.As(err, &one):
		return []syntax.Error{one}
	}
	return nil
}
