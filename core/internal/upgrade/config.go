package upgrade

import (
	"io"
	"log/slog"
	"time"

	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/backup"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/progress"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/runner"
)

// Config is core.Options for the packages below core: each field has the name and the
// meaning that it has there.
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
	OnProgress        func(progress.Progress)
	Logger            *slog.Logger
	Tool              string
}

// File returns the settings of the database file.
func (c Config) File() file.Config {
	return file.Config{LockTimeout: c.LockTimeout, OnProgress: c.OnProgress, Logger: c.Logger, Tool: c.Tool, Trial: c.Trial}
}

// Session returns the settings of the statements of a script.
func (c Config) Session() session.Config {
	return session.Config{NoForeignKeyCheck: c.NoForeignKeyCheck, OnCascade: c.OnCascade, Watcher: c.Observer}
}

func (c Config) apply() apply.Config {
	return apply.Config{Config: c.Session(), Atomic: c.Atomic, Isolated: c.Isolated, NoHistory: c.NoHistory, Runners: c.Runners, ScriptTimeout: c.ScriptTimeout, Python: c.Python, Shell: c.Shell, Output: c.Output}
}

func (c Config) backup() backup.Config {
	return backup.Config{BackupDir: c.BackupDir, Keep: c.Keep, Hold: c.Hold}
}

// Kinds returns the kinds of migrations that there are: the usual ones and those of Runners.
func (c Config) Kinds() naming.Kinds { return apply.Kinds(c.Runners) }
