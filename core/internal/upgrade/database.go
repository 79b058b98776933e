package upgrade

import (
	"context"
	"io/fs"

	"fastmigrate/core/filename"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/file"
)

// Database is one that a verb works on.
type Database struct {
	*file.DB
	Opts Config
}

func New(ctx context.Context, name string, o Config) (*Database, error) {
	if err := filename.Plain(o.BackupDir, o.BackupDir); err != nil {
		return nil, err
	}
	d, err := file.New(ctx, name, o.File())
	return &Database{d, o}, err
}

// Vault is the database with its backups.
func (d *Database) Vault() *backup.Vault { return backup.New(d.DB, d.Opts.backup()) }

// Run is the database as migrations of fsys are applied to it.
func (d *Database) Run(fsys fs.FS) *apply.Run {
	return &apply.Run{DB: d.DB, O: d.Opts.apply(), Fsys: fsys}
}
