package apply

import (
	"io"
	"time"

	"fastmigrate/core/internal/session"
	"fastmigrate/core/runner"
)

// Config is what migrations are applied with: see core.Options for each.
type Config struct {
	session.Config
	Atomic        bool
	Isolated      bool
	NoHistory     bool
	Runners       map[string]runner.Runner
	ScriptTimeout time.Duration
	Python, Shell string
	Output        io.Writer
}
