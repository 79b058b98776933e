//go:build !linux && !darwin

package file

// FreeSpace is not asked for on this system.
func FreeSpace(string) int64 { return -1 }
