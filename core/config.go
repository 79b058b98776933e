package core

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

func (o settings) file() file.Config {
	return file.Config{LockTimeout: o.LockTimeout, OnProgress: o.OnProgress, Logger: o.Logger, Tool: o.Tool, Trial: o.Trial}
}

func (o settings) script() session.Config {
	return session.Config{NoForeignKeyCheck: o.NoForeignKeyCheck, OnCascade: o.OnCascade, Watcher: o.Observer}
}

func (o settings) run() apply.Config {
	return apply.Config{Config: o.script(), Atomic: o.Atomic, Isolated: o.Isolated, NoHistory: o.NoHistory, Runners: o.Runners, ScriptTimeout: o.ScriptTimeout, Python: o.Python, Shell: o.Shell, Output: o.Output}
}

func (o settings) backup() backup.Config {
	return backup.Config{BackupDir: o.BackupDir, Keep: o.Keep, Hold: o.Hold}
}

// database is one that a verb works on.
type database struct {
	*file.DB
	o settings
}

func newDatabase(ctx context.Context, name string, o settings) (*database, error) {
	if err := filename.Plain(o.BackupDir, o.BackupDir); err != nil {
		return nil, err
	}
	d, err := file.New(ctx, name, o.file())
	return &database{d, o}, err
}

// vault is the database with its backups.
func (d *database) vault() *backup.Vault { return backup.Of(d.DB, d.o.backup()) }

// run is the database as migrations of fsys are applied to it.
func (d *database) run(fsys fs.FS) *apply.Run { return &apply.Run{DB: d.DB, O: d.o.run(), Fsys: fsys} }

// kinds are those of the Runners.
func (o settings) kinds() naming.Kinds { return apply.KindsOf(o.Runners) }
