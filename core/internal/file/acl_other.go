//go:build unix && !linux

package file

// matchACL does nothing: only Linux has the ACLs of POSIX.
func matchACL(path, like string) bool { return true }

func hasACL(path string) bool { return false }

func removeACL(path string) bool { return true }
