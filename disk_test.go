package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// synced is the command "synced COMMAND": it runs it and fails if, when something is
// printed or at the end, a loss of power could take away what it made.
func synced(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: synced command")
	}
	trace := filepath.Join(ts.Getenv("TMPDIR"), "trace")
	d := newDisk(ts.MkAbs("."))
	ts.Check(ts.Exec("strace", straced(trace, args)...))
	if problems := d.replay(ts.ReadFile(trace)); len(problems) > 0 {
		ts.Fatalf("%s", strings.Join(problems, "\n"))
	}
	if d.made+d.commits == 0 {
		ts.Fatalf("nothing was made")
	}
}

// disk is what of a directory would be lost with the power.
type disk struct {
	dir      string
	names    map[string]bool   // of the files that are there
	fresh    map[string]bool   // those whose names are not on the disk yet
	unsynced map[string]string // files and directories, and why
	commits  int
	made     int // names of files and directories, also in the place of others
	problems []string
}

// newDisk is of a directory as it is now.
func newDisk(dir string) *disk {
	d := &disk{dir: dir, names: map[string]bool{}, fresh: map[string]bool{}, unsynced: map[string]string{}}
	filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		d.names[path] = true
		return err
	})
	return d
}

// straced are the arguments with which strace runs a command for replay.
func straced(trace string, command []string) []string {
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

// replay does what strace saw, and tells what a loss of power would take away when
// something is printed, or at the end.
func (d *disk) replay(trace string) []string {
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

func (d *disk) do(call, args string) {
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
			d.commits++
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
			d.commits++
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
		case !d.users(to) || strings.HasSuffix(to, "-shm"): // which is made anew
		default:
			d.unsynced[to] = "it was written to"
			if d.fresh[to] && !strings.HasSuffix(to, "-journal") {
				d.unsynced[filepath.Dir(to)] = to + " was made in it"
			}
		}
	}
}

// make gives something a name.
func (d *disk) make(path string) {
	d.names[path] = true
	if d.users(path) {
		d.made++
		d.unsynced[filepath.Dir(path)] = path + " was made in it"
	}
}

// users reports whether a file is not a temporary one.
func (d *disk) users(path string) bool {
	rest, in := strings.CutPrefix(path, d.dir+"/")
	return in && !strings.Contains(rest, ".fastmigrate-") && !strings.HasPrefix(rest, ".tmp/") // TMPDIR of a script
}

// settled notes what would be lost now.
func (d *disk) settled(when string) {
	for path, why := range d.unsynced {
		d.problems = append(d.problems, fmt.Sprintf("when %s, %s is not synced: %s", when, path, why))
	}
	slices.Sort(d.problems)
}
