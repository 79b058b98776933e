package file

import (
	"log/slog"
	"time"

	"fastmigrate/core/internal/progress"
)

// Config says how to work on a database. The fields are those of the options of package
// core.
type Config struct {
	LockTimeout time.Duration           // see [DB.LockTimeout]
	OnProgress  func(progress.Progress) // is called ten times a second; if nil, no one is notified
	Logger      *slog.Logger            // for warnings; nil discards them
	Tool        string                  // the name that the history keeps; "" is "fastmigrate"
	Trial       *Trial                  // nil if the call is for real
}
