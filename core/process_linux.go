package core

import (
	"fmt"
	"os"
	"strings"
)

// processIdentity tells the process pid from all others, also from a later one
// with its number, in another container or after a restart; "" if there is no
// such process.
func processIdentity(pid int) string {
	place := machine()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil || place == "" {
		return ""
	}
	// The command, in brackets, may hold blanks; the start is field 22
	// (proc_pid_stat(5)), the state field 3. A zombie has ended.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return place + " " + fields[19]
}

// machine is the same for all processes whose numbers mean the same.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	namespace, err2 := os.Readlink("/proc/self/ns/pid")
	if err != nil || err2 != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + namespace
}

// alive reports whether the process of a record still runs, and whether that is
// known at all: of another machine or container nothing is.
func (r record) alive() (alive, known bool) {
	place := machine()
	if place == "" || !strings.HasPrefix(r.process, place+" ") {
		return false, false
	}
	return processIdentity(r.pid) == r.process || r.program > 0 && groupAlive(r.program), true
}
