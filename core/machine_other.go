//go:build !linux

package core

// machineID is not known here.
func machineID() string { return "" }
