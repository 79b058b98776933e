//go:build !linux && !darwin

package file

// FreeSpace is unknown on this system: it gives -1.
func FreeSpace(string) int64 { return -1 }
