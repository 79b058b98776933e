package core

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// processIdentity tells the process pid from all others, also from a later one
// with its number, in another container or after a restart; "" if there is no
// such process.
func processIdentity(pid int) string {
	place := machine()
	fields := processStat(fmt.Sprintf("/proc/%d/stat", pid))
	if fields == nil || place == "" {
		return ""
	}
	return place + " " + fields[19]
}

// processStat reads what proc_pid_stat(5) tells of a process from its third field
// on; nil if there is none, or only what its parent has not yet asked for.
func processStat(path string) []string {
	stat, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the command, in brackets, may hold blanks
	fields := strings.Fields(rest)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return nil
	}
	return fields
}

// groupAlive reports whether any process of a group runs.
func groupAlive(group int) bool {
	if err := syscall.Kill(-group, 0); err != nil && err != syscall.EPERM {
		return false
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return true
	}
	for _, path := range stats {
		if fields := processStat(path); fields != nil && fields[2] == strconv.Itoa(group) {
			return true
		}
	}
	return false
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
