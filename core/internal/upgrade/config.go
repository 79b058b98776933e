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

func (o Config) File() file.Config {
	return file.Config{LockTimeout: o.LockTimeout, OnProgress: o.OnProgress, Logger: o.Logger, Tool: o.Tool, Trial: o.Trial}
}

func (o Config) Session() session.Config {
	return session.Config{NoForeignKeyCheck: o.NoForeignKeyCheck, OnCascade: o.OnCascade, Watcher: o.Observer}
}

func (o Config) apply() apply.Config {
	return apply.Config{Config: o.Session(), Atomic: o.Atomic, Isolated: o.Isolated, NoHistory: o.NoHistory, Runners: o.Runners, ScriptTimeout: o.ScriptTimeout, Python: o.Python, Shell: o.Shell, Output: o.Output}
}

func (o Config) backup() backup.Config {
	return backup.Config{BackupDir: o.BackupDir, Keep: o.Keep, Hold: o.Hold}
}

// Kinds are those of the Runners.
func (o Config) Kinds() naming.Kinds { return apply.KindsOf(o.Runners) }
