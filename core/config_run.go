package core

import (
	"io"
	"time"
)

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
