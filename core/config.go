package core

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"time"
)

// dbConfig is what a database is worked on with: see [Options].
type dbConfig struct {
	LockTimeout time.Duration
	OnProgress  func(Progress)
	Logger      *slog.Logger
	Tool        string
	Trial       *Trial
}

// scriptConfig is what the statements of scripts are run with: see [Options].
type scriptConfig struct {
	NoForeignKeyCheck bool
	OnCascade         func(map[string]int64)
	Observer          Observer
}

// runConfig is what migrations are applied with: see [Options].
type runConfig struct {
	scriptConfig
	Atomic        bool
	Isolated      bool
	NoHistory     bool
	Runners       map[string]Runner
	ScriptTimeout time.Duration
	Python, Shell string
	Output        io.Writer
}

// backupConfig is where and how many backups are kept: see [Options].
type backupConfig struct {
	BackupDir string
	Keep      int
	Hold      *Hold
}

func (o Options) file() dbConfig {
	return dbConfig{o.LockTimeout, o.OnProgress, o.Logger, o.Tool, o.Trial}
}

func (o Options) script() scriptConfig {
	return scriptConfig{o.NoForeignKeyCheck, o.OnCascade, o.Observer}
}

func (o Options) run() runConfig {
	return runConfig{o.script(), o.Atomic, o.Isolated, o.NoHistory, o.Runners, o.ScriptTimeout, o.Python, o.Shell, o.Output}
}

func (o Options) backup() backupConfig { return backupConfig{o.BackupDir, o.Keep, o.Hold} }

// database is one that a verb works on.
type database struct {
	*db
	o Options
}

func newDatabase(ctx context.Context, name string, o Options) (*database, error) {
	if err := PlainPath(o.BackupDir, o.BackupDir); err != nil {
		return nil, err
	}
	d, err := newDB(ctx, name, o.file())
	return &database{d, o}, err
}

// vault is the database with its backups.
func (d *database) vault() *vault { return &vault{d.db, d.o.backup()} }

// run is the database as migrations of fsys are applied to it.
func (d *database) run(fsys fs.FS) *run { return &run{db: d.db, o: d.o.run(), fsys: fsys} }
