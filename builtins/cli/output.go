// Results that are written to a file.

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core/output"
)

// file is what writes a result to the file at path, the value of flag; nil if it is
// empty. It refuses before any work what is not to be replaced. If the file is standard
// output, all else goes to standard error.
func (a *app) file(flag, path string) (write func([]byte) error, err error) {
	switch {
	case path == "":
		return nil, nil
	case output.IsStandard(path) && a.JSON:
		return nil, hint.Usagef("%s=%s and --json both are standard output", flag, path)
	case output.IsStandard(path):
		out := a.GiveWay()
		return func(content []byte) error { _, err := out.Write(content); return err }, nil
	}
	keep := output.Keep{DB: a.db}
	for _, path := range []string{a.config, os.Getenv("FASTMIGRATE_FILE")} {
		if path != "" {
			keep.Files = append(keep.Files, path)
		}
	}
	f, err := output.Open(path, keep)
	return func(content []byte) error { return unwritten(path, f.Write(a, content)) }, unwritten(path, err)
}

// unwritten adds to an error of writing a result to path what to do.
func unwritten(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hint.With(err, "mkdir -p "+hint.QuotePath(filepath.Dir(path))+" makes its directory")
	case errors.Is(err, output.ErrKept), errors.As(err, new(syscall.Errno)):
		return hint.With(err, "another name, or - for standard output")
	}
	return err
}
