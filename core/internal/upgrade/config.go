package upgrade

import (
	"io"
	"log/slog"
	"time"

	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/session"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/runner"
)

// Config are [Options] as the packages below know them.
type Config struct {
	To                int
	Atomic            bool
	Backup            bool
	BackupDir         string
	Keep              int
	Hold              *file.Hold
	Isolated          bool
	AllowOutOfOrder   bool
	AllowMissing      bool
	NoForeignKeyCheck bool
	NoHistory         bool
	NoReplay          bool
	IgnoreTables      []string
	Runners           map[string]runner.Runner
	SkipPrograms      bool
	Trial             *file.Trial
	Observer          apply.Observer
	LockTimeout       time.Duration
	ScriptTimeout     time.Duration
	Python            string
	Shell             string
	Output            io.Writer
	OnApplied         func(apply.Applied)
	OnBackup          func(backup.Backup)
	OnCascade         func(map[string]int64)
	OnProgress        func(file.Progress)
	Logger            *slog.Logger
	Tool              string
}

func (opts Config) File() file.Config {
	return file.Config{LockTimeout: opts.LockTimeout, OnProgress: opts.OnProgress, Logger: opts.Logger, Tool: opts.Tool, Trial: opts.Trial}
}

func (opts Config) Session() session.Config {
	return session.Config{NoForeignKeyCheck: opts.NoForeignKeyCheck, OnCascade: opts.OnCascade, Watcher: opts.Observer}
}

func (opts Config) apply() apply.Config {
	return apply.Config{Config: opts.Session(), Atomic: opts.Atomic, Isolated: opts.Isolated, NoHistory: opts.NoHistory, Runners: opts.Runners, ScriptTimeout: opts.ScriptTimeout, Python: opts.Python, Shell: opts.Shell, Output: opts.Output}
}

func (opts Config) backup() backup.Config {
	return backup.Config{BackupDir: opts.BackupDir, Keep: opts.Keep, Hold: opts.Hold}
}

// Kinds are those of the Runners.
func (opts Config) Kinds() naming.Kinds { return apply.KindsOf(opts.Runners) }
