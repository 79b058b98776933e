//go:build unix && !linux && !darwin

package files

func rename(from, to string) error { return linkAway(from, to) }
