//go:build !linux

package core

// heldBy names the processes that hold a lock on the database at path; only
// Linux tells.
func heldBy(string) string { return "" }
