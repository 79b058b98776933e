package file

import (
	"log/slog"
	"time"
)

// Config is what a database is worked on with: see [Options].
type Config struct {
	LockTimeout time.Duration
	OnProgress  func(Progress)
	Logger      *slog.Logger
	Tool        string
	Trial       *Trial
}
