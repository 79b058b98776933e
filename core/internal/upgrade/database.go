package upgrade

import (
	"context"
	"io/fs"

	"fastmigrate/core/filename"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"
)

func (o Config) File() file.Config {
	return file.Config{LockTimeout: o.LockTimeout, OnProgress: o.OnProgress, Logger: o.Logger, Tool: o.Tool, Trial: o.Trial}
}

func (o Config) Script() session.Config {
	return session.Config{NoForeignKeyCheck: o.NoForeignKeyCheck, OnCascade: o.OnCascade, Watcher: o.Observer}
}

func (o Config) run() apply.Config {
	return apply.Config{Config: o.Script(), Atomic: o.Atomic, Isolated: o.Isolated, NoHistory: o.NoHistory, Runners: o.Runners, ScriptTimeout: o.ScriptTimeout, Python: o.Python, Shell: o.Shell, Output: o.Output}
}

func (o Config) backup() backup.Config {
	return backup.Config{BackupDir: o.BackupDir, Keep: o.Keep, Hold: o.Hold}
}

// Database is one that a verb works on.
type Database struct {
	*file.DB
	O Config
}

func New(ctx context.Context, name string, o Config) (*Database, error) {
	if err := filename.Plain(o.BackupDir, o.BackupDir); err != nil {
		return nil, err
	}
	d, err := file.New(ctx, name, o.File())
	return &Database{d, o}, err
}

// Vault is the database with its backups.
func (d *Database) Vault() *backup.Vault { return backup.Of(d.DB, d.O.backup()) }

// Run is the database as migrations of fsys are applied to it.
func (d *Database) Run(fsys fs.FS) *apply.Run { return &apply.Run{DB: d.DB, O: d.O.run(), Fsys: fsys} }

// Kinds are those of the Runners.
func (o Config) Kinds() naming.Kinds { return apply.KindsOf(o.Runners) }
