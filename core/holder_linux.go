package core

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// heldBy names the processes that hold a lock on the database at path, as far
// as the kernel tells (proc_locks(5)): "" or ": by pid 4121 (python3)".
func heldBy(path string) string {
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	var names []string
	seen := map[int]bool{os.Getpid(): true}
	for _, file := range []string{path, path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		st := info.Sys().(*syscall.Stat_t)
		inode := fmt.Sprintf(":%d ", st.Ino)
		for line := range bytes.Lines(table) {
			// 1: POSIX  ADVISORY  WRITE 4121 fe:00:1311 1073741825 1073741825
			f := strings.Fields(string(line))
			if len(f) < 8 || !strings.Contains(string(line), inode) || f[1] == "->" {
				continue
			}
			pid, err := strconv.Atoi(f[4])
			if err != nil || pid <= 0 || seen[pid] || f[3] != "WRITE" {
				continue
			}
			seen[pid] = true
			name := fmt.Sprintf("pid %d", pid)
			if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil {
				name += " (" + strings.TrimSpace(string(comm)) + ")"
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " by " + strings.Join(names, ", ")
}
