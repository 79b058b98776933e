package naming

import (
	"context"
	"errors"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/input"
)

// Read returns the text of a migration. An error is a [fault.Error] with its name.
func Read(ctx context.Context, fsys fs.FS, m Migration) ([]byte, error) {
	texts, err := ReadSome(ctx, fsys, []Migration{m})
	if err != nil {
		return nil, err
	}
	return texts[0], nil
}

// ReadSome returns the texts of the first of a list of migrations, and of as many after it
// as can be read at once. An error is a [fault.Error] with the name of the first.
func ReadSome(ctx context.Context, fsys fs.FS, list []Migration) ([][]byte, error) {
	const enough = 256 << 10 // bytes
	var names []string
	for _, m := range list {
		names = append(names, m.Name)
	}
	texts, err := input.Several(ctx, fsys, names, input.MaxMigration, enough)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(list[0].Name, fault.Of(fs.ErrNotExist, "its link has no target"))
	}
	if err != nil {
		return nil, fault.New(list[0].Name, fault.WithoutPath(err))
	}
	return texts, nil
}
