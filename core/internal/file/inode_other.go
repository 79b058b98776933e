//go:build !linux && !darwin

package file

import (
	"io/fs"
	"time"
)

// ChangeTime is when a file was last modified: this system has nothing better.
func ChangeTime(info fs.FileInfo) time.Time { return info.ModTime() }
