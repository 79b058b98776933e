// A URL that is given for a path would become a file, or directories, of that name.
// It is refused and not understood, as tools differ in what it means:
// sqlite:///app.db is /app.db to some, and app.db to others.

package core

import (
	"os"
	"regexp"
	"strings"
)

// scheme is how a URL begins that may be meant for a database. That of a Windows path
// has one letter.
var scheme = regexp.MustCompile(`(?i)^(?:jdbc:)?([a-z][a-z0-9+.-]+)://|^(?:jdbc:)?(sqlite[0-9]?|file|libsql):|^:memory:$`)

// noPath reports a name that is meant for something else than a path. A file that is
// there, with that very name, is meant.
func noPath(name string) error {
	m := scheme.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	if _, err := os.Lstat(name); err == nil {
		return nil
	}
	rest, _, _ := strings.Cut(name[len(m[0]):], "?")
	kind := strings.ToLower(m[1] + m[2])
	switch {
	case kind == "" || strings.HasPrefix(rest, ":memory:"):
		return &Reason{Key: InMemory, err: sayf(ErrNoPath, "is no path: a database in memory would be empty, and gone at the end")}
	case kind != "file" && !strings.HasPrefix(kind, "sqlite"):
		return &Reason{Key: OtherEngine, err: sayf(ErrNoPath, "is a URL, and no path: only files of SQLite are migrated")}
	}
	r := &Reason{Key: URL, Name: rest, err: sayf(ErrNoPath, "is a URL, and no path")}
	if relative := strings.TrimLeft(rest, "/"); m[1] != "" && kind != "file" && strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "//") {
		r.Name, r.Detail = relative, rest
	} else if m[1] != "" && strings.HasPrefix(rest, "//") { // four slashes leave no doubt
		r.Name = "/" + relative
	}
	return r
}
