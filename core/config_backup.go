package core

import "fastmigrate/core/internal/file"

// backupConfig is where and how many backups are kept: see [Options].
type backupConfig struct {
	BackupDir string
	Keep      int
	Hold      *file.Hold
}
