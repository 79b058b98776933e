package tools

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"fastmigrate/core/input"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// alembicSQL asks Alembic (https://alembic.sqlalchemy.org) for the SQL of each
// revision, as its offline mode gives it.
//
//go:embed alembic.py
var alembicSQL string

// alembic lists the revisions of the project in dir, which holds alembic.ini.
func alembic(ctx context.Context, from Source) (list []Migration, _ []string, err error) {
	dir, python := from.Dir, from.Python
	if _, err := os.Stat(filepath.Join(dir, "alembic.ini")); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, absent(dir + " has no alembic.ini")
	}
	if filepath.Base(python) != python { // else it would be looked for in dir
		if python, err = filepath.Abs(python); err != nil {
			return nil, nil, err
		}
	}
	cmd := exec.CommandContext(ctx, python, "-B", "-c", alembicSQL) // -B: it leaves no __pycache__
	cmd.Dir = dir
	cmd.WaitDelay = time.Second // for what it has started, which may hold its output
	var out, printed bounded
	cmd.Stdout, cmd.Stderr = &out, &printed
	if err := cmd.Run(); ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	} else if out.full {
		return nil, nil, &Error{File: "alembic.ini", Text: fmt.Sprintf("its revisions have more than %d MB of SQL", int64(input.MaxSchema)>>20)}
	} else if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return nil, nil, &Error{File: "alembic.ini", Text: "its revisions cannot be read: " + err.Error(), Output: tail(string(printed.text))}
	}
	var revisions []struct{ Revision, Path, Title, Up, Down, Error string }
	if err := json.Unmarshal(out.text, &revisions); err != nil {
		return nil, nil, &Error{File: "alembic.ini", Text: "its revisions cannot be read: " + err.Error()}
	}
	for _, r := range revisions {
		m := Migration{Version: r.Revision, Title: r.Title, File: filepath.ToSlash(r.Path), Up: withoutVersions(r.Up, from.Table), Down: withoutVersions(r.Down, from.Table)}
		if r.Error != "" {
			return nil, nil, &Error{File: m.File, Text: "alembic cannot generate SQL without a database", Output: tail(r.Error)}
		}
		list = append(list, m)
	}
	if len(list) == 0 {
		return nil, nil, absent(dir + " has no revisions of alembic")
	}
	return list, nil, nil
}

// bounded keeps as much of what a program prints as a schema may have, and ends a program
// that prints more.
type bounded struct {
	text []byte
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.full = b.full || len(b.text)+len(p) > input.MaxSchema; b.full {
		return 0, io.ErrShortWrite
	}
	b.text = append(b.text, p...)
	return len(p), nil
}

var (
	alembicTitle = regex.New(`(?m)^-- Running (up|down)grade .*\n`)
	blankLines   = regex.New(`\n{3,}`)
)

// withoutVersions leaves out what changes Alembic's own table.
func withoutVersions(sql, table string) Part {
	own := regexp.MustCompile(`^(CREATE TABLE|DROP TABLE|INSERT INTO|UPDATE|DELETE FROM) "?` + regexp.QuoteMeta(table) + `\b`)
	sql = alembicTitle.ReplaceAllString(sql, "")
	var b strings.Builder
	sc := split.New([]byte(sql))
	at := 0
	for st, ok := sc.Next(); ok; st, ok = sc.Next() {
		if own.MatchString(sql[st.Start:st.End]) {
			b.WriteString(sql[at:st.Start])
		} else {
			b.WriteString(sql[at:st.End])
		}
		at = st.End
	}
	b.WriteString(sql[at:])
	return Part{Text: []byte(blankLines.ReplaceAllString(strings.TrimSpace(b.String()), "\n\n"))}
}

// tail is the end of what a program printed.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// alembicRows reads the one row, which is gone once all was taken back.
func alembicRows(c *sqlite.Conn, table string, list []Migration) ([]Row, error) {
	var heads []string
	err := c.Query(func(s *sqlite.Stmt) error {
		heads = append(heads, s.Text(0))
		return nil
	}, "SELECT version_num FROM "+quote(table))
	switch {
	case err != nil || len(heads) == 0:
		return nil, err
	case len(heads) > 1:
		return nil, fmt.Errorf("is at several revisions at once: %s", strings.Join(heads, ", "))
	}
	return upTo(list, heads[0])
}
