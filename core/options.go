package core

import (
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/upgrade"
)

// Config is o for the packages over this one.
func (o Options) Config() upgrade.Config {
	c := upgrade.Config{
		To:                o.To,
		Atomic:            o.Atomic,
		Backup:            o.Backup,
		BackupDir:         o.BackupDir,
		Keep:              o.Keep,
		Hold:              o.Hold,
		Isolated:          o.Isolated,
		AllowOutOfOrder:   o.AllowOutOfOrder,
		AllowMissing:      o.AllowMissing,
		NoForeignKeyCheck: o.NoForeignKeyCheck,
		NoHistory:         o.NoHistory,
		NoReplay:          o.NoReplay,
		IgnoreTables:      o.IgnoreTables,
		Runners:           o.Runners,
		SkipPrograms:      o.SkipPrograms,
		Trial:             o.Trial,
		Observer:          o.Observer,
		LockTimeout:       o.LockTimeout,
		ScriptTimeout:     o.ScriptTimeout,
		Python:            o.Python,
		Shell:             o.Shell,
		Output:            o.Output,
		OnCascade:         o.OnCascade,
		OnProgress:        o.OnProgress,
		Logger:            o.Logger,
		Tool:              o.Tool,
	}
	if o.OnApplied != nil {
		c.OnApplied = func(a apply.Applied) { o.OnApplied(Applied(a)) }
	}
	if o.OnBackup != nil {
		c.OnBackup = func(b backup.Backup) { o.OnBackup(Backup(b)) }
	}
	return c
}
