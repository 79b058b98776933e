package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// synced is the command "synced COMMAND": it runs it and fails if, when something is
// printed or at the end, a loss of power could take away a file or a directory that it
// made and left: it reads in the trace of its system calls (strace) what was synced.
func synced(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: synced command")
	}
	trace := filepath.Join(ts.Getenv("TMPDIR"), "trace")
	d := &disk{root: ts.MkAbs("."), there: map[string]bool{}, name: map[string]bool{}, data: map[string]bool{}}
	d.walk(func(path string) { d.there[path] = true })
	calls := "open,openat,creat,mkdir,mkdirat,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,write,pwrite64,ftruncate,fsync,fdatasync,sync"
	ts.Check(ts.Exec("strace", append([]string{"-f", "-y", "-qq", "-s", "0", "-e", "signal=none", "-e", "trace=" + calls, "-o", trace}, args...)...))
	for line := range strings.Lines(ts.ReadFile(trace)) {
		d.call(line)
	}
	d.told()
	left := map[string]bool{}
	d.walk(func(path string) { left[path] = true })
	for _, p := range d.early {
		if left[p.path] {
			ts.Fatalf("%s: %s", p.path, p.what)
		}
	}
	made := 0
	for path := range left {
		if !d.there[path] {
			made++
		}
	}
	if made+d.renamed == 0 {
		ts.Fatalf("nothing was made")
	}
}

// disk is what of a directory would be left after a loss of power.
type disk struct {
	root       string
	there      map[string]bool   // before the command
	name, data map[string]bool   // that are not on disk
	begun      map[string]string // the unfinished call of a thread
	early      []problem
	renamed    int // over what was there
}

type problem struct{ path, what string }

var (
	syscallLine = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (-?\d+)`)
	unfinished  = regexp.MustCompile(`^(\d+) +(\w+\(.*) <unfinished \.\.\.>$`)
	resumed     = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
	descriptor  = regexp.MustCompile(`^(\d+)<(.*?)>`)
	quoted      = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
)

// call reads one line of the trace.
func (d *disk) call(line string) {
	line = strings.TrimSuffix(line, "\n")
	if m := unfinished.FindStringSubmatch(line); m != nil {
		if d.begun == nil {
			d.begun = map[string]string{}
		}
		d.begun[m[1]] = m[2]
		return
	}
	if m := resumed.FindStringSubmatch(line); m != nil {
		line = m[1] + " " + d.begun[m[1]] + m[2]
	}
	m := syscallLine.FindStringSubmatch(line)
	if m == nil || strings.HasPrefix(m[4], "-") {
		return
	}
	name, args := m[2], m[3]
	fd, on := "", ""
	if f := descriptor.FindStringSubmatch(args); f != nil {
		fd, on = f[1], f[2]
	}
	var paths []string
	for _, p := range quoted.FindAllStringSubmatch(args, -1) {
		if !filepath.IsAbs(p[1]) {
			p[1] = filepath.Join(d.root, p[1])
		}
		paths = append(paths, p[1])
	}
	switch name {
	case "mkdir", "mkdirat":
		d.name[paths[0]] = true
	case "open", "openat", "creat":
		if strings.Contains(args, "O_CREAT") && (strings.Contains(args, "O_EXCL") || !d.there[paths[0]]) {
			d.name[paths[0]] = true
		}
	case "link", "linkat", "rename", "renameat", "renameat2":
		d.name[paths[1]], d.data[paths[1]] = true, d.data[paths[0]]
		if d.there[paths[1]] {
			d.renamed++
		}
		if strings.HasPrefix(name, "rename") {
			delete(d.name, paths[0])
			delete(d.data, paths[0])
		}
	case "unlink", "unlinkat", "rmdir":
		delete(d.name, paths[0])
		delete(d.data, paths[0])
	case "write", "pwrite64", "ftruncate":
		if fd == "1" {
			d.told()
		}
		d.data[on] = true
	case "fsync", "fdatasync":
		delete(d.data, on)
		for path := range d.name {
			if filepath.Dir(path) == on {
				delete(d.name, path)
			}
		}
	case "sync":
		clear(d.name)
		clear(d.data)
	}
}

// told notes what a loss of power would take away now.
func (d *disk) told() {
	for path := range d.name {
		d.early = append(d.early, problem{path, "its name is not on disk"})
	}
	for path, dirty := range d.data {
		if dirty {
			d.early = append(d.early, problem{path, "its content is not on disk"})
		}
	}
}

func (d *disk) walk(do func(path string)) {
	filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.Name() == ".tmp" { // TMPDIR of the script
			return fs.SkipDir
		}
		do(path)
		return nil
	})
}
