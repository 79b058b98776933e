//go:build !linux && !darwin

package file

import (
	"io/fs"
	"time"
)

// ChangeTime is when a file was last changed, as far as package fs tells it.
func ChangeTime(info fs.FileInfo) time.Time { return info.ModTime() }
