//go:build !linux && !darwin

package file

import (
	"io/fs"
	"time"
)

// InodeChanged is when a file was last changed, as far as package fs tells it.
func InodeChanged(info fs.FileInfo) time.Time { return info.ModTime() }
