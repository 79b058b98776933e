package upgrade

import (
	"context"
	"io/fs"

	"fastmigrate/core/filename"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/file"
)

// Database is the database that a verb works on, with its options.
type Database struct {
	*file.DB
	Opts Config
}

// New locates the database of a name, and opens nothing. Errors: [fault.ErrNoPath], and
// those of [file.Locate].
func New(ctx context.Context, name string, opts Config) (*Database, error) {
	if err := filename.Plain(opts.BackupDir, opts.BackupDir); err != nil {
		return nil, err
	}
	d, err := file.Locate(ctx, name, opts.File())
	return &Database{d, opts}, err
}

// Vault returns the database with its backups.
func (d *Database) Vault() *backup.Vault { return backup.New(d.DB, d.Opts.backup()) }

// Run returns what applies single migrations of fsys to the database.
func (d *Database) Run(fsys fs.FS) *apply.Run {
	return &apply.Run{DB: d.DB, Opts: d.Opts.apply(), Fsys: fsys}
}
