package core

import (
	"context"
	"errors"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/input"
	"fastmigrate/core/internal/naming"
)

// read gives the text of a migration.
func read(ctx context.Context, fsys fs.FS, m naming.Migration) ([]byte, error) {
	text, err := input.FS(ctx, fsys, m.Name, input.Migration)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(m.Name, fault.Of(fs.ErrNotExist, "it is a link that leads nowhere"))
	}
	if err != nil {
		return nil, fault.New(m.Name, cause(err))
	}
	return text, nil
}
