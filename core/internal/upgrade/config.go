package upgrade

import (
	"io"
	"log/slog"
	"time"

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
	OnBackup          func(backup.Made)
	OnCascade         func(map[string]int64)
	OnProgress        func(file.Progress)
	Logger            *slog.Logger
	Tool              string
}
