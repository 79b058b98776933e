// Package process tells processes apart, even from those of an earlier boot, another
// container or another machine, and whether one still runs.
//
// The invariant: where that is not certain, it is unknown: no living process is taken for
// one that has ended.
package process

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// ID is one process among all that ever ran. The zero value is none.
type ID struct {
	pid     int
	machine string // see Machine
	boot    string // of the kernel that runs it; "" if unknown
	space   string // the name space of process numbers, within a boot
	start   string // when it began; "" where the system does not tell
}

// place is where this process runs: an ID without a process.
var place = sync.OnceValue(here)

// Self is this process.
func Self() ID { return at(os.Getpid()) }

func at(pid int) ID {
	id := place()
	id.pid = pid
	id.start, _, _ = started(pid)
	return id
}

// Machine identifies this machine, even after a restart; "" if that is not certain, as
// in a container. It is a hash of the machine's ID, which must not be published, and of
// its host name, since a copy of a machine has the same ID.
func Machine() string { return place().machine }

// String is the process as a part of the name of a file.
func (id ID) String() string {
	machine := id.machine
	if machine == "" {
		machine = "0"
	}
	return strings.Join([]string{machine, id.boot, id.space, strconv.Itoa(id.pid), id.start}, ".")
}

// Parse reads a name that begins with what [ID.String] gave and a dot; ok is false if it
// does not.
func Parse(name string) (id ID, ok bool) {
	part := strings.SplitN(name, ".", 6)
	if len(part) < 6 {
		return id, false
	}
	pid, err := strconv.Atoi(part[3])
	id = ID{pid, part[0], part[1], part[2], part[4]}
	if id.machine == "0" {
		id.machine = ""
	}
	return id, err == nil && pid > 0 && id.boot != ""
}

// Here reports whether its number, and that of its group, means the same process to this
// one.
func (id ID) Here() bool {
	here := place()
	return here.boot != "" && id.boot == here.boot && id.space == here.space
}

// SameKernel reports whether the kernel of this process runs it, perhaps in another
// container.
func (id ID) SameKernel() bool {
	here := place()
	return here.boot != "" && id.boot == here.boot
}

// Alive reports whether the process still runs, and whether that is known at all. It is
// unknown for another machine or container. No process of an earlier boot of this
// machine still runs.
func (id ID) Alive() (alive, known bool) { return id.aliveAt(place()) }

func (id ID) aliveAt(here ID) (alive, known bool) {
	switch {
	case id.boot == "" || here.boot == "":
		return false, false
	case id.boot != here.boot:
		return false, id.machine != "" && id.machine == here.machine
	case id.space != here.space:
		return false, false
	}
	start, exists, known := started(id.pid)
	return known && exists && start == id.start, known
}

// machine is [Machine] for the system at root with that host name.
func machine(root, host string) string {
	text, err := os.ReadFile(filepath.Join(root, "etc/machine-id"))
	id := strings.TrimSpace(string(text))
	if raw, bad := hex.DecodeString(id); err != nil || bad != nil || len(raw) != 16 || strings.Trim(id, "0") == "" || host == "" || contained(root) {
		return "" // https://www.freedesktop.org/software/systemd/man/latest/machine-id.html: it may be "uninitialized"
	}
	h := hmac.New(sha256.New, []byte(id))
	h.Write([]byte("fastmigrate " + host))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// contained reports whether the system at root may be a container, whose
// machine-id is that of its image or was made for a moment.
func contained(root string) bool {
	for _, mark := range []string{".dockerenv", "run/.containerenv", "run/systemd/container"} {
		if _, err := os.Stat(filepath.Join(root, mark)); err == nil {
			return true
		}
	}
	// The kernel's own name spaces have these numbers (linux/proc_ns.h).
	for name, number := range map[string]string{"cgroup": "4026531835", "pid": "4026531836", "user": "4026531837", "uts": "4026531838"} {
		link, err := os.Readlink(filepath.Join(root, "proc/self/ns", name))
		if err == nil && link != name+":["+number+"]" {
			return true
		}
	}
	return os.Getenv("container") != "" || os.Getenv("KUBERNETES_SERVICE_HOST") != ""
}
