// Package temp creates temporary files and directories whose names identify their
// process, and removes those of processes that have ended, because a killed process
// removes nothing:
//
//	dir, err := temp.Scratch(temp.Plain)
//
// The invariant: a file is never removed if its process may still be running, or if it
// belongs to another user.
package temp

import (
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"fastmigrate/core/internal/process"
)

// The names begin with Hidden among the files of a user, otherwise with Plain.
const (
	Hidden = ".fastmigrate-"
	Plain  = "fastmigrate-"
)

// File creates an empty file in dir with that mode, open for writing. Its name begins
// with [Hidden] and ends in .tmp.
func File(dir string, mode fs.FileMode) (*os.File, error) {
	sweep(dir)
	return os.OpenFile(filepath.Join(dir, name(Hidden)+".tmp"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// Dir creates a directory in parent that only this user can enter, and returns its path.
// The prefix of its name is [Hidden] or [Plain].
func Dir(parent, prefix string) (string, error) {
	sweep(parent)
	dir := filepath.Join(parent, name(prefix))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return dir, nil
}

func name(prefix string) string { return prefix + process.Self().String() + "." + rand.Text()[:8] }

// sweep removes what processes that have ended left in dir, as far as permitted.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(strings.TrimPrefix(e.Name(), "."), Plain)
		if !ok {
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, err := os.Lstat(path)
		if err != nil || !mine(info) || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		id, ok := process.Parse(rest)
		if !ok && info.IsDir() {
			id = owner(path, info)
		}
		if alive, known := id.Alive(); alive || !known {
			continue
		}
		if info.IsDir() {
			os.RemoveAll(path)
		} else {
			os.Remove(path)
		}
	}
}

// owner is the process that made a directory with version 0.1, which wrote it into a file.
// Others may have put anything there, unless the directory is private.
func owner(dir string, info fs.FileInfo) (id process.ID) {
	path := filepath.Join(dir, "owner")
	named, err := os.Lstat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 || !named.Mode().IsRegular() || !mine(named) {
		return id
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return id
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil || !os.SameFile(named, opened) {
		return id
	}
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	var pid int
	if n, _ := fmt.Sscanf(string(text), "%d\n", &pid); err != nil || n != 1 {
		return id
	}
	_, who, _ := strings.Cut(string(text), "\n")
	return process.Recorded(pid, who, "")
}
