// Package dump keeps the schema of a database in a file of the project, where a review sees
// how it changes. The invariant: a file that has the schema already is not touched.
package dump

import (
	"bytes"
	"context"
	"errors"
	"os"

	"fastmigrate/core"
	"fastmigrate/core/output"
	"fastmigrate/core/schema"
)

// Write writes the complete schema of the database db to the file at path, unless the file
// has that content. It reports whether it wrote. Errors: those of [core.Schema] and of
// [output.Open], which refuses what keep names.
func Write(ctx context.Context, db, path string, keep output.Keep, o core.Options) (wrote bool, err error) {
	list, err := core.Schema(ctx, db, o)
	if err != nil {
		return false, err
	}
	text := []byte(schema.SQL(list))
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() || output.IsStandard(path) {
		return false, errors.New("write " + path + ": it is not a regular file")
	} else if err == nil && info.Size() == int64(len(text)) {
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
			return false, nil
		}
	}
	f, err := output.Open(path, keep)
	if err != nil {
		return false, err
	}
	return true, f.Write(ctx, text)
}
