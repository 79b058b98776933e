// URLs of databases, as other tools write them.

package environ

import (
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"

	"fastmigrate/core/regex"
)

// urls matches a URL: its scheme, "//" and its authority, its path, its query.
var urls = regex.New(`(?s)^([A-Za-z][A-Za-z0-9+.-]*):(?:(//)([^/?#]*))?([^?#]*)(.*)$`)

// drive matches the path of a URL of a file on Windows.
var drive = regex.New(`^/[A-Za-z]:[/\\]`)

// path returns the path of the database that a URL means: after sqlite:, sqlite3: or file:,
// it is relative, and after three slashes absolute. Some tools read a few of these URLs in
// another way. If nothing is at the path, but something is where they would look, that is an
// error. Parameters are ignored. No error shows more than the scheme, or a path that exists.
func path(text string, exists func(path string) bool) (string, error) {
	m := urls.FindStringSubmatch(text)
	if m == nil {
		return "", errors.New("it is not a URL, such as sqlite:app.db")
	}
	scheme, authority, file, query := strings.ToLower(m[1]), m[3], m[4], m[5]
	switch {
	case scheme != "sqlite" && scheme != "sqlite3" && scheme != "file":
		return "", fmt.Errorf("%s:%s*** is not an SQLite database", scheme, m[2])
	case strings.ContainsAny(authority, "@"):
		return "", errors.New("an SQLite database has no user and no password")
	case strings.HasPrefix(authority+file, ":memory:"), strings.Contains(query, "mode=memory"):
		return "", errors.New("a database in memory would be empty, and gone at the end")
	case authority == "localhost" && file != "" && scheme == "file":
		authority = ""
	}
	other := "" // where other tools look
	switch plain := strings.TrimLeft(file, "/"); {
	case authority != "": // sqlite://app.db, which is /app.db to dbmate
		file = authority + file
		other = "/" + file
	case m[2] != "" && !strings.HasPrefix(file, "//"): // sqlite:///app.db, which is app.db to SQLAlchemy and Django
		other = plain
	default:
		file = strings.Repeat("/", min(1, len(file)-len(plain))) + plain
	}
	literal := file
	file, err := url.PathUnescape(file)
	if err != nil || strings.IndexByte(file, 0) >= 0 || strings.Trim(file, "/") == "" {
		return "", errors.New("it names no file, as sqlite:app.db does")
	}
	if runtime.GOOS == "windows" && drive.MatchString(file) {
		file = file[1:]
	}
	for _, there := range []string{other, literal} {
		if there != "" && there != file && !exists(file) && exists(there) {
			return "", fmt.Errorf("to some tools it is %s, which does not exist, to others %s, which exists: write sqlite:%[2]s", file, there)
		}
	}
	return file, nil
}
