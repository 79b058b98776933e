// Package powerloss finds files of a program that a loss of power could destroy, from the
// system calls that strace recorded. A program keeps its promise if nothing can be lost when
// it prints that something is done, or when it ends:
//
//	d := powerloss.Watch(dir)
//	exec.Command("strace", powerloss.Arguments(trace, command)...).Run()
//	problems := d.Replay(text) // of the file trace
package powerloss

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Disk tracks what a directory would lose with the power.
type Disk struct {
	dir      string
	names    map[string]bool   // of the files that are there
	fresh    map[string]bool   // those whose names are not on the disk yet
	unsynced map[string]string // files and directories, and why
	Commits  int
	Made     int // names of files and directories created or replaced
	problems []string
}

// Watch returns the [Disk] of a directory in its current state.
func Watch(dir string) *Disk {
	d := &Disk{dir: dir, names: map[string]bool{}, fresh: map[string]bool{}, unsynced: map[string]string{}}
	filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		d.names[path] = true
		return err
	})
	return d
}

// Arguments returns the arguments for strace to run a command and write the file trace.
func Arguments(trace string, command []string) []string {
	return append([]string{"-f", "-y", "-qq", "-s", "0", "-e", "signal=none", "-o", trace, "-e",
		"trace=write,pwrite64,writev,pwritev,copy_file_range,sendfile,ftruncate,fsync,fdatasync,open,openat,mkdir,mkdirat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat"},
		command...)
}

var (
	call    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (-?\d+)`)
	begun   = regexp.MustCompile(`^(\d+) +(\w+\(.*) <unfinished \.\.\.>$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
	opened  = regexp.MustCompile(`(?:^|, )\d+<([^>]*)>`) // a file by its number
	named   = regexp.MustCompile(`"([^"]*)"`)
)

// Replay follows the recorded system calls, and returns what a loss of power would
// destroy at a moment when something is printed, or at the end.
func (d *Disk) Replay(trace string) []string {
	waiting := map[string]string{}
	for line := range strings.Lines(trace) {
		line = strings.TrimSuffix(line, "\n")
		if m := begun.FindStringSubmatch(line); m != nil {
			waiting[m[1]] = m[2]
			continue
		}
		if m := resumed.FindStringSubmatch(line); m != nil {
			line = m[1] + " " + waiting[m[1]] + m[2]
		}
		if m := call.FindStringSubmatch(line); m != nil && m[4] != "-1" {
			d.do(m[2], m[3])
		}
	}
	d.settled("it ends")
	return d.problems
}

func (d *Disk) do(call, args string) {
	var files, paths []string
	for _, m := range opened.FindAllStringSubmatch(args, -1) {
		files = append(files, m[1])
	}
	for _, m := range named.FindAllStringSubmatch(args, -1) {
		if path := m[1]; filepath.IsAbs(path) {
			paths = append(paths, path)
		} else {
			paths = append(paths, filepath.Join(d.dir, path))
		}
	}
	switch call {
	case "fsync", "fdatasync":
		delete(d.unsynced, files[0])
		for name := range d.fresh {
			if filepath.Dir(name) == files[0] {
				delete(d.fresh, name)
			}
		}
		if strings.HasSuffix(files[0], "-wal") {
			d.Commits++
		}
	case "open", "openat":
		if name := paths[0]; strings.Contains(args, "O_CREAT") && !d.names[name] {
			d.names[name], d.fresh[name] = true, true
		}
	case "mkdir", "mkdirat":
		d.make(paths[0])
	case "unlink", "unlinkat", "rmdir":
		delete(d.names, paths[0])
		delete(d.fresh, paths[0])
		delete(d.unsynced, paths[0])
		if d.users(paths[0]) && strings.HasSuffix(paths[0], "-journal") {
			d.Commits++
			d.unsynced[filepath.Dir(paths[0])] = paths[0] + " was removed from it"
		}
	case "rename", "renameat", "renameat2", "link", "linkat":
		from, to := paths[0], paths[1]
		if why := d.unsynced[from]; d.users(to) && why != "" {
			d.problems = append(d.problems, to+" gets its name before its content is synced")
		}
		d.make(to)
	default: // which write
		to := files[0]
		if call == "copy_file_range" {
			to = files[1]
		}
		switch {
		case strings.HasPrefix(args, "1<"): // standard output
			d.settled("a line is printed")
		case !d.users(to) || strings.HasSuffix(to, "-shm"): // which is created again
		default:
			d.unsynced[to] = "it was written to"
			if d.fresh[to] && !strings.HasSuffix(to, "-journal") {
				d.unsynced[filepath.Dir(to)] = to + " was made in it"
			}
		}
	}
}

// make gives something a name.
func (d *Disk) make(path string) {
	d.names[path] = true
	if d.users(path) {
		d.Made++
		d.unsynced[filepath.Dir(path)] = path + " was made in it"
	}
}

// users reports whether a file is not a temporary one.
func (d *Disk) users(path string) bool {
	rest, in := strings.CutPrefix(path, d.dir+"/")
	return in && !strings.Contains(rest, ".fastmigrate-") && !strings.HasPrefix(rest, ".tmp/") // TMPDIR of a script
}

// settled notes what would be lost now.
func (d *Disk) settled(when string) {
	for path, why := range d.unsynced {
		d.problems = append(d.problems, fmt.Sprintf("when %s, %s is not synced: %s", when, path, why))
	}
	slices.Sort(d.problems)
}
