// The files of a project.

package starlark

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"

	"fastmigrate/starlark/internal/bound"
	"fastmigrate/starlark/internal/source"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// maxSource limits the size of a file, and with it the time to read it.
const maxSource = 256 << 10

// module is one file of a project.
type module struct {
	source  []byte
	syntax  *syntax.File
	program *starlark.Program
	globals starlark.StringDict // nil until it has run
}

// readFile reads a file of the project.
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
		return nil, wrong("%s is not a regular file", name)
	case info.Size() > maxSource:
		return nil, wrong("%s has %d bytes, and a file may have %d", name, info.Size(), maxSource)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSource)) // it may have grown since
}

// parse reads one file and resolves its names.
func (f *File) parse(name string) (*module, error) {
	if m, ok := f.modules[name]; ok {
		return m, nil
	}
	text, err := f.o.Source, error(nil)
	if text == nil {
		text, err = readFile(f.fsys, name)
	}
	if err != nil {
		return nil, err
	}
	m := &module{source: bytes.TrimPrefix(text, []byte("\uFEFF"))}
	f.modules[name] = m
	if m.syntax, err = source.Parse(name, m.source); err != nil {
		return nil, err
	}
	bound.Rewrite(m.syntax)
	m.program, err = starlark.FileProgram(m.syntax, f.predeclared.Has)
	return m, err
}
