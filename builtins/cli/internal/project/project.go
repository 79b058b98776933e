// Package project creates the files of a new project, and finds a project above the
// working directory. The invariant: existing files are never changed.
package project

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/output"
	"fastmigrate/starlark"
)

// Config is the name of the configuration file.
const Config = ".fastmigrate"

//go:embed files/fastmigrate.ini
var config string

//go:embed files/Fastmigratefile
var tasks string

// Make creates in the working directory the migrations directory, if it is missing, a
// configuration file that names it and the database, and a Fastmigratefile. It returns the
// paths that it created; after an error, it leaves none of them. Errors: [fs.ErrExist] if
// one of the two files already exists.
func Make(db, migrations string) (made []string, err error) {
	texts := map[string]string{Config: strings.NewReplacer("{db}", value(db), "{migrations}", value(migrations)).Replace(config), starlark.Name: tasks}
	names := []string{Config, starlark.Name}
	for _, name := range names {
		if exists(name) {
			return nil, fault.Of(fs.ErrExist, "make a project: %s already exists; nothing was created", name)
		}
	}
	dirs, err := output.MakeDirs(migrations)
	defer func() {
		if err == nil {
			return
		}
		for _, path := range append(made, dirs...) { // a directory is removed only if it is empty
			os.Remove(path)
		}
		made = nil
	}()
	if err != nil {
		return nil, fmt.Errorf("make a project: %w", err)
	}
	for _, name := range names {
		if err := output.New(name, []byte(texts[name])); err != nil {
			return made, fmt.Errorf("make a project: %w", err)
		}
		made = append(made, name)
	}
	if len(dirs) > 0 {
		made = append([]string{migrations + string(filepath.Separator)}, made...)
	}
	return made, nil
}

// value is a text as the value of a setting: see package config.
func value(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// Above returns a path which shows that the working directory is below a project: its
// migrations directory, for which holds returns true, or its configuration file. It returns
// "" if there is neither, or if the working directory is a project itself. It does not look
// above the Git repository of the working directory.
func Above(migrations string, holds func(dir string) bool) string {
	here, err := os.Getwd()
	if err != nil || exists(migrations) || exists(Config) || exists(starlark.Name) {
		return ""
	}
	for up := ".."; !exists(filepath.Join(here, ".git")) && filepath.Dir(here) != here; up = filepath.Join(up, "..") {
		here = filepath.Dir(here)
		if dir := filepath.Join(up, migrations); holds(dir) {
			return dir
		}
		if file := filepath.Join(up, Config); exists(file) {
			return file
		}
	}
	return ""
}

// exists reports whether there is anything at the path, even a link that leads nowhere.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
