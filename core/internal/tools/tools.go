// Package tools knows other migration tools: it reads their migrations, and which of
// these the version table of a database has as applied.
//
// The invariant: it changes nothing, neither files nor a database.
package tools

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/input"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Migration is one migration of another tool.
type Migration struct {
	Version string // as in a Row
	Title   string // the description in its name
	File    string // its path below the directory, with slashes
	Up      Part
	Down    Part
}

// Row says that a version was applied.
type Row struct {
	Version string
	At      time.Time // UTC; zero if the tool does not keep it
}

// Part is SQL taken from a file.
type Part struct {
	Text  []byte
	Lines []int // for each line of Text, that of the file, from 1
}

func (p *Part) add(line string, number int) {
	p.Text = append(append(p.Text, line...), '\n')
	p.Lines = append(p.Lines, number)
}

// end ends a statement that lacks its semicolon, because the tool knew its end.
func (p *Part) end(number int) {
	var last split.Statement
	sc := split.New(p.Text)
	for st, ok := sc.Next(); ok; st, ok = sc.Next() {
		last = st
	}
	if last.End == 0 || last.Terminated {
		return
	}
	text := bytes.TrimRight(p.Text, " \t\r\n")
	p.Lines = p.Lines[:bytes.Count(text, []byte("\n"))+1]
	if line := text[bytes.LastIndexByte(text, '\n')+1:]; !bytes.Contains(line, []byte("--")) {
		p.Text = append(text, ";\n"...)
		return
	}
	p.Text = append(text, '\n') // what ends in a comment would swallow it
	p.add(";", number)
}

// Empty reports whether there is no statement in the part.
func (p Part) Empty() bool {
	_, some := split.New(p.Text).Next()
	return !some
}

// Error is a problem in a file of another tool.
type Error struct {
	File   string
	Line   int // from 1; 0 if it is about the whole file
	Source string
	Output string // the last lines that a program printed
	Text   string // what is wrong
}

// Error returns "File: Text".
func (e *Error) Error() string { return e.File + ": " + e.Text }

// absent is the fs.ErrNotExist for migrations that the directory does not have.
type absent string

func (t absent) Error() string { return string(t) }
func (absent) Unwrap() error   { return fs.ErrNotExist }

// Tool is a migration tool.
type Tool struct {
	Name  string
	Table string // the usual name of its version table; "" if it has none

	// Files lists the migrations in the order in which they run, and the .sql files
	// that the tool skips. Errors: *Error; fs.ErrNotExist if there are no migrations.
	Files func(ctx context.Context, from Source) (list []Migration, passed []string, err error)

	// Applied returns a row for each migration of the list that is applied, by the table.
	Applied func(c *sqlite.Conn, table string, list []Migration) ([]Row, error)
}

// Source is where the migrations of a tool are.
type Source struct {
	Dir    string
	Table  string // the version table of the tool
	Python string // the program that runs Python, for alembic
}

// Tools lists the tools whose migrations can be read.
func Tools() []Tool {
	return []Tool{
		{"goose", "goose_db_version", each("goose", goose), gooseRows},
		{"dbmate", "schema_migrations", each("dbmate", dbmate), dbmateRows},
		{"golang-migrate", "schema_migrations", each("golang-migrate", golangMigrate), golangMigrateRows},
		{"alembic", "alembic_version", alembic, alembicRows},
		{"user_version", "", each("user_version", userVersion), userVersionRows},
	}
}

// Prefix returns the rows in the order of the list. Migrations must have been applied in
// that order: a gap is an error, and so is a row without a migration.
func Prefix(list []Migration, rows []Row) ([]Row, error) {
	files, at := map[string]bool{}, map[string]Row{}
	for _, m := range list {
		files[m.Version] = true
	}
	for _, r := range rows {
		if !files[r.Version] {
			return nil, fmt.Errorf("%s was applied, but there is no file with this version", r.Version)
		}
		at[r.Version] = r
	}
	var prefix []Row
	for i, m := range list {
		r, ok := at[m.Version]
		if ok && len(prefix) < i {
			return nil, &Error{File: list[len(prefix)].File, Text: "it was never applied, but a later one was: " + m.File}
		}
		if ok {
			prefix = append(prefix, r)
		}
	}
	return prefix, nil
}

// named is what the name of a file says.
type named struct {
	version, title string
	down           bool
}

// reader reads the name of a file, and divides its text. A name without a version is not
// that of a migration.
type reader struct {
	name   func(file string) (named, error)
	divide func(file string, n named, text []byte) (up, down Part, err error)
	less   func(a, b Migration) int
}

// each makes a [Tool.Files] of a reader, for tools with a file for each migration or for
// each direction.
func each(tool string, r reader) func(context.Context, Source) ([]Migration, []string, error) {
	return func(ctx context.Context, from Source) (list []Migration, passed []string, err error) {
		dir := from.Dir
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, nil, err
		}
		downs := map[string]Migration{}
		for _, e := range entries {
			n, err := r.name(e.Name())
			switch {
			case e.IsDir():
				continue
			case err != nil:
				return nil, nil, &Error{File: e.Name(), Text: err.Error()}
			case n.version == "":
				if filepath.Ext(e.Name()) == ".sql" {
					passed = append(passed, e.Name())
				}
				continue
			}
			text, err := input.File(ctx, filepath.Join(dir, e.Name()), input.MaxMigration)
			if err != nil {
				return nil, nil, err
			}
			m := Migration{Version: n.version, Title: n.title, File: e.Name()}
			if m.Up, m.Down, err = r.divide(e.Name(), n, bytes.TrimPrefix(text, []byte("\uFEFF"))); err != nil {
				return nil, nil, err
			}
			if !n.down {
				list = append(list, m)
			} else if other, twice := downs[n.version]; twice {
				return nil, nil, &Error{File: e.Name(), Text: "it has the version of " + other.File}
			} else {
				downs[n.version] = m
			}
		}
		slices.SortFunc(list, r.less)
		files := map[string]string{}
		for i, m := range list {
			if other, twice := files[m.Version]; twice {
				return nil, nil, &Error{File: m.File, Text: "it has the version of " + other}
			}
			files[m.Version] = m.File
			if down, ok := downs[m.Version]; ok {
				list[i].Down = down.Down
			}
			delete(downs, m.Version)
		}
		for _, m := range downs {
			return nil, nil, &Error{File: m.File, Text: "there is a down migration, but no up migration: put an empty one with this version beside it"}
		}
		if len(list) == 0 {
			return nil, nil, absent(fmt.Sprintf("%s has no migrations of %s", dir, tool))
		}
		return list, passed, nil
	}
}

// whole makes a whole text a part.
func whole(text []byte) (p Part) {
	p.Text = text
	for i := range bytes.Count(text, []byte("\n")) + 1 {
		p.Lines = append(p.Lines, i+1)
	}
	return p
}

// upOrDown divides the texts of tools with a file for each direction.
func upOrDown(_ string, n named, text []byte) (up, down Part, err error) {
	if n.down {
		return up, whole(text), nil
	}
	return whole(text), down, nil
}

// byNumber orders migrations by their versions, numbers without leading zeros.
func byNumber(a, b Migration) int {
	if n := len(a.Version) - len(b.Version); n != 0 {
		return n
	}
	return strings.Compare(a.Version, b.Version)
}

// number is a version without leading zeros.
func number(digits string) string {
	if n := strings.TrimLeft(digits, "0"); n != "" {
		return n
	}
	return "0"
}

// upTo returns a row for each migration up to a version, for tools that only keep the
// last.
func upTo(list []Migration, version string) ([]Row, error) {
	var rows []Row
	for _, m := range list {
		rows = append(rows, Row{Version: m.Version})
		if m.Version == version {
			return rows, nil
		}
	}
	return nil, fmt.Errorf("is at %s, but there is no file with this version", version)
}

// quote is a name as SQL has it.
func quote(name string) string { return `main."` + strings.ReplaceAll(name, `"`, `""`) + `"` }
