// What says which database and which migrations are meant, and whether it is heeded.

package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core/filename"
	"fastmigrate/starlark"
)

// heed makes sure that no path is silently ignored: it refuses a flag that a task cannot
// use, if the task touches anything at all, and passes the others to named.
func (a *app) heed(file *starlark.File, call *starlark.Call) error {
	var calls []string
	for _, use := range call.Task.Calls() {
		calls = append(calls, use.Name)
	}
	for _, p := range a.paths {
		p.told = builtins.Usual(call.Task, p.name)
		if p.flag() && !p.told && !call.Task.Takes(p.name) && len(builtins.Effects(calls)) > 0 {
			what := map[string]string{"db": "database", "migrations": "migrations directory"}[p.name]
			return hint.Usagef("--%[1]s has no effect on the task %[2]s: it has no parameter %[1]s, and never uses the default %[3]s", p.name, call.Task.Name, what)
		}
		for _, text := range call.Defaults(p.name) {
			if !filepath.IsAbs(text) {
				text = filepath.Join(file.Dir(), text)
			}
			a.named(p.name, text)
		}
	}
	return nil
}

// named says once that a Fastmigratefile names another path than a variable or the
// configuration does. Its own is used.
func (a *app) named(param, used string) {
	for _, p := range a.paths {
		if p.name != param || p.told || p.flag() {
			continue
		}
		p.told = true
		if !filename.Same(p.value, used) {
			a.Notice(fmt.Sprintf("using %s, which the %s names, not %s (%s)", used, starlark.Name, p.value, p.from))
		}
	}
}

// path is the database, or the migrations directory, that a flag, a variable
// or the configuration says.
type path struct {
	name, value string // db or migrations
	from        string // --db, FASTMIGRATE_DB, or the name of the file
	told        bool   // nothing more must be said about it
}

// said is the value of a path; "" if nothing says it, and the default is taken.
func (a *app) said(name string) string {
	for _, p := range a.paths {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

func (p *path) flag() bool { return strings.HasPrefix(p.from, "--") }
