// Results that are written to a file.

package cli

import (
	"fmt"
	"os"

	"fastmigrate/builtins/cli/internal/dump"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core/filename"
	"fastmigrate/core/output"
)

// file returns a function that writes a result to the file at path, the value of flag;
// nil if path is empty. Before any work, it refuses a file that must not be replaced. If
// the file is standard output, all else goes to standard error.
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
	f, err := output.Open(path, a.keep())
	return func(content []byte) error { return hint.Unwritten(path, f.Write(a, content)) }, hint.Unwritten(path, err)
}

// keep names the files that a result must not replace.
func (a *app) keep() output.Keep {
	keep := output.Keep{DB: a.db}
	for _, path := range []string{a.config, a.variables.Path(), os.Getenv("FASTMIGRATE_FILE")} {
		if path != "" {
			keep.Files = append(keep.Files, path)
		}
	}
	return keep
}

// changed writes the schema of a database that a command or a task may have changed to the
// file that the configuration names for it. Even if that fails, the work is done.
func (a *app) changed(db string) {
	if a.schema == "" || !filename.Same(db, a.db) {
		return
	}
	if wrote, err := dump.Write(a, db, a.schema, a.keep(), a.options); err != nil {
		a.Log().Warn(fmt.Sprintf("the schema of %s is not in %s: %v", db, a.schema, err))
	} else if wrote {
		a.Notice(fmt.Sprintf("wrote the schema of %s to %s", db, a.schema))
	}
}
