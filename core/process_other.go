//go:build !linux

package core

import "os"

// processIdentity names the machine: the number of a process that has ended may
// be another's, so that is all that is known.
func processIdentity(int) string { return machine() }

func machine() string {
	host, _ := os.Hostname()
	return "host " + host
}

// alive reports whether the process of a record still runs, and whether that is
// known at all. Another process may have its number by now, so only its end is
// certain.
func (r record) alive() (alive, known bool) {
	if r.process != machine() {
		return false, false
	}
	return processExists(r.pid) || r.program > 0 && groupAlive(r.program), true
}
