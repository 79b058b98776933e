package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func here() ID {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, err2 := os.Readlink("/proc/self/ns/pid")
	if err != nil || err2 != nil {
		return ID{}
	}
	host, _ := os.Hostname()
	return ID{machine: machine("/", host), boot: strings.TrimSpace(string(boot)), space: strings.TrimSuffix(strings.TrimPrefix(space, "pid:["), "]")}
}

// Text is the process as the history records it, beside its number and its machine; ""
// if there is no such process.
func Text(pid int) string {
	id := at(pid)
	if id.boot == "" || id.start == "" {
		return ""
	}
	return fmt.Sprintf("%s pid:[%s] %s", id.boot, id.space, id.start)
}

// Recorded returns the process that the history records with its number, its [Text] and
// its machine; the zero ID if the text is none.
func Recorded(pid int, text, machine string) ID {
	var id ID
	if n, err := fmt.Sscanf(text, "%s pid:[%s %s", &id.boot, &id.space, &id.start); err != nil || n != 3 {
		return ID{}
	}
	id.pid, id.machine, id.space = pid, machine, strings.TrimSuffix(id.space, "]")
	return id
}

// started is when a process began, whether there is one, and whether that is known: the
// processes of other users may be hidden.
func started(pid int) (start string, exists, known bool) {
	fields, err := stat(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) && syscall.Kill(pid, 0) == syscall.EPERM {
		return "", false, false
	}
	if fields == nil {
		return "", false, true
	}
	return fields[19], true, true
}

// stat reads the fields of proc_pid_stat(5) from the third on; nil if there is no such
// process, or if it is a zombie.
func stat(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text = text[strings.LastIndex(string(text), ") ")+1:] // the command, in brackets, may hold any
	fields := strings.Fields(string(text))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return nil, nil
	}
	return fields, nil
}

// GroupAlive reports whether any process of a group runs.
func GroupAlive(group int) bool {
	if err := syscall.Kill(-group, 0); err != nil && err != syscall.EPERM {
		return false
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return true
	}
	for _, path := range stats {
		if fields, _ := stat(path); fields != nil && fields[2] == strconv.Itoa(group) {
			return true
		}
	}
	return false
}
