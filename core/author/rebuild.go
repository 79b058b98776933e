package author

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/schema"
)

// Rebuild writes the next migration into dir, the script of [schema.Rebuild] for a table of
// the database at path, and returns the path of the file. The parameter columns is the text
// between the parentheses of the new CREATE TABLE; if it is empty, the current text is
// used, to be edited. The database is only read, and must be at the version of the last
// migration. Rebuild uses the LockTimeout, Runners and Trial of opts.
//
// Errors: [fault.ErrPending] if migrations are pending; [fault.ErrAhead]; fs.ErrNotExist if
// there is no such table; those of [core.Version], [core.Migrations] and [schema.Rebuild].
func Rebuild(ctx context.Context, path, dir, table, columns string, opts core.Options) (name string, err error) {
	defer core.Wrap(&err, fault.OpRebuild, path)
	if dir, err = file.PlaceOf(opts.Trial).Files(dir); err != nil {
		return "", err
	}
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return "", err
	}
	now, err := d.Survey(ctx)
	if err != nil {
		return "", err
	}
	list, _, err := opts.Migrations(os.DirFS(dir))
	if err != nil {
		return "", err
	}
	if pending := naming.Between(list, now.Version, 0); len(pending) > 0 {
		return "", fault.Of(fault.ErrPending, "is at version %d, but %04d is pending, and the new migration would come after it", now.Version, pending[0].Version)
	}
	if len(list) == 0 && now.Version > 0 || len(list) > 0 && list[len(list)-1].Version < now.Version {
		return "", fault.Of(fault.ErrAhead, "is at version %d, but there is no migration with that version here", now.Version)
	}
	have, err := core.Schema(ctx, path, opts)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(have, func(o schema.Object) bool { return o.Key() == [2]string{"table", strings.ToLower(table)} })
	if i < 0 {
		return "", fault.Of(fs.ErrNotExist, "has no table %s", table)
	}
	newSQL, head := columns, ""
	if columns == "" {
		newSQL = have[i].SQL
		head = "-- Edit the definition of the table. A new or renamed column gets its default, or the value\n" +
			"-- in the INSERT, if you add it there: its name to the first line, and an expression over\n-- the old row to the second.\n"
	}
	script, err := schema.Rebuild(ctx, have, have[i].Name, newSQL, nil)
	if err != nil {
		return "", err
	}
	return writeNext(opts, dir, "rebuild "+have[i].Name, "sql", head+script)
}
