package core

import (
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
