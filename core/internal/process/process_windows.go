package process

import "os"

// GroupAlive is not known on Windows, which has no groups.
func GroupAlive(int) bool { return false }

func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
