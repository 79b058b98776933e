package naming

import (
	"context"
	"errors"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/input"
)

// Read gives the text of a migration. An error is a [fault.Error] with its name.
func Read(ctx context.Context, fsys fs.FS, m Migration) ([]byte, error) {
	text, err := input.FS(ctx, fsys, m.Name, input.MaxMigration)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(m.Name, fault.Of(fs.ErrNotExist, "it is a link that leads nowhere"))
	}
	if err != nil {
		return nil, fault.New(m.Name, fault.WithoutPath(err))
	}
	return text, nil
}
