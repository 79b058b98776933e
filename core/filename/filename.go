// Package filename decides which texts are paths of files, which paths lead to one file, and
// which files belong to the migrator:
//
//	if err := filename.Plain(name, name); err != nil {
//
// A URL given as a path would become a file or directories of that name. It is refused
// and not interpreted, because tools differ on its meaning: sqlite:///app.db is /app.db
// for some, and app.db for others. A ~ that no shell has replaced is refused too. The
// invariant: this is decided here for every path, by its original text, because cleaning
// changes a URL.
package filename

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/regex"
)

var (
	// scheme matches the beginning of a URL that may mean a database. The drive of a
	// Windows path has only one letter.
	scheme = regex.New(`(?i)^(?:jdbc:)?([a-z][a-z0-9+.-]+)://|^(?:jdbc:)?(sqlite[0-9]?|file|libsql|https?|s?ftp|s3|postgres(?:ql)?|mysql|mariadb):|^:memory:$`)

	// uriTail are the parameters of a SQLite URI (https://sqlite.org/uri.html#recognized_query_parameters)
	// and of drivers, which begin with _.
	uriTail = regex.New(`\?(?:mode=(?:ro|rwc?|memory)|cache=(?:shared|private)|(?:immutable|nolock|psow)=[01]|vfs=[^&]+|_\w+=[^&]*)(?:&.*)?$`)

	// A URL may hold a password, or a token.
	userinfo = regex.New(`(://[^/@:]*:).*@`)
	secret   = regex.New(`(?i)([?&;][^=&;]*(?:pass|pwd|token|key|secret)[^=&;]*=)[^&;]*`)
)

// Backups is the name of the list of the backups in a directory.
const Backups = ".backups.fastmigrate"

// IsInternal reports whether a file of that name, without directories, belongs to the
// migrator: the list of the backups, or an unfinished file.
func IsInternal(name string) bool {
	return name == Backups || strings.HasPrefix(name, ".fastmigrate-")
}

// Plain refuses a text that is not meant as a path: a URL, a SQLite URI, ":memory:", or a
// ~ that no shell has replaced. It takes the original text, name, and the path that it
// leads to, at: if a file exists there, the text is a path. Errors: [fault.ErrNoPath].
func Plain(name, at string) error {
	if err := Check(name, at); err != nil {
		return fmt.Errorf("%s %w", WithoutSecrets(name), err)
	}
	return nil
}

// WithoutSecrets returns a URL with *** in place of passwords and tokens.
func WithoutSecrets(url string) string {
	return secret.ReplaceAllString(userinfo.ReplaceAllString(url, "$1***@"), "$1***")
}

// Check is like [Plain], but leaves the text out of the error.
func Check(name, at string) error {
	if !strings.ContainsAny(name, ":?~") { // nearly every path, and one is checked at each start
		return nil
	}
	m := scheme.FindStringSubmatch(name)
	home := strings.HasPrefix(name, "~/")
	query := uriTail.Regexp().FindStringIndex(name)
	if m == nil && !home && query == nil {
		return nil
	}
	if home {
		at = strings.TrimSuffix(at, filepath.FromSlash(name[1:]))
	}
	if _, err := os.Lstat(at); err == nil {
		return nil
	}
	switch {
	case home:
		instead := "$HOME" + name[1:]
		if dir, err := os.UserHomeDir(); err == nil {
			instead = filepath.Join(dir, name[2:])
		}
		return &fault.Reason{Key: fault.URL, Name: instead, Err: fault.Of(fault.ErrNoPath, "begins with ~, which only a shell expands, at the beginning of an unquoted word")}
	case m == nil:
		return &fault.Reason{Key: fault.URL, Name: name[:query[0]], Err: fault.Of(fault.ErrNoPath, "ends like a URL, not a path")}
	}
	rest, _, _ := strings.Cut(name[len(m[0]):], "?")
	kind := strings.ToLower(m[1] + m[2])
	switch {
	case kind == "" || strings.HasPrefix(rest, ":memory:"):
		return &fault.Reason{Key: fault.InMemory, Err: fault.Of(fault.ErrNoPath, "is not a path: a database in memory would be empty, and gone at the end")}
	case kind != "file" && !strings.HasPrefix(kind, "sqlite"):
		return &fault.Reason{Key: fault.OtherEngine, Err: fault.Of(fault.ErrNoPath, "is a URL, not a path: only local files can be used")}
	}
	r := &fault.Reason{Key: fault.URL, Name: rest, Err: fault.Of(fault.ErrNoPath, "is a URL, not a path")}
	if relative := strings.TrimLeft(rest, "/"); m[1] != "" && kind != "file" && strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "//") {
		r.Name, r.Detail = relative, rest
	} else if m[1] != "" && strings.HasPrefix(rest, "//") { // four slashes leave no doubt
		r.Name = "/" + relative
	}
	return r
}
