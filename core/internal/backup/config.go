package backup

import "fastmigrate/core/internal/file"

// Config is where and how many backups are kept. The fields are those of core.Options.
type Config struct {
	BackupDir string
	Keep      int
	Hold      *file.Hold
}
