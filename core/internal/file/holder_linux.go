package file

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// HeldBy names the processes that hold a lock on the database at path, as far as the
// kernel tells (proc_locks(5)), to be added to a message: "" or " by pid 4121 (python3)".
func HeldBy(path string) string {
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	names := map[string][]string{} // of writers and of readers
	seen := map[int]bool{os.Getpid(): true}
	for _, file := range []string{path, path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		inode := fmt.Sprintf(":%d ", info.Sys().(*syscall.Stat_t).Ino)
		for _, kind := range []string{"WRITE", "READ"} {
			for line := range bytes.Lines(table) {
				// 1: POSIX  ADVISORY  WRITE 4121 fe:00:1311 1073741825 1073741825
				f := strings.Fields(string(line))
				if len(f) < 8 || !strings.Contains(string(line), inode) || f[1] == "->" || f[3] != kind {
					continue
				}
				pid, err := strconv.Atoi(f[4])
				if err != nil || pid <= 0 || seen[pid] {
					continue
				}
				seen[pid] = true
				names[kind] = append(names[kind], called(pid))
			}
		}
	}
	holders := names["WRITE"]
	if holders == nil {
		holders = names["READ"]
	}
	if holders == nil {
		return ""
	}
	return " by " + strings.Join(holders, ", ")
}

// called names a process: pid 4121 (python3).
func called(pid int) string {
	name := fmt.Sprintf("pid %d", pid)
	if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil {
		name += " (" + strings.TrimSpace(string(comm)) + ")"
	}
	return name
}
