//go:build !linux

package file

// HeldBy names the processes that hold a lock on the database at path; only
// Linux tells.
func HeldBy(string) string { return "" }
