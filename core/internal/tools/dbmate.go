package tools

import (
	"strings"

	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// dbmate reads the files of https://github.com/amacneil/dbmate: any name that
// begins with digits, which are the version as a text. They run in the order of
// the names.
var dbmate = reader{dbmateName, dbmateParts, func(a, b Migration) int { return strings.Compare(a.File, b.File) }}

var (
	dbmateFile  = regex.New(`^(\d+)(.*)\.sql$`)
	dbmateBlock = regex.New(`^--\s*migrate:(up|down)(\s|$)`)
)

func dbmateName(file string) (n named, err error) {
	if m := dbmateFile.FindStringSubmatch(file); m != nil {
		n = named{version: m[1], title: m[2]}
	}
	return n, nil
}

// dbmateParts takes the blocks of a file, of which there may be several for each
// direction. Their option transaction:false is for what the text tells too.
func dbmateParts(file string, _ named, text []byte) (up, down Part, err error) {
	var part *Part
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		m := dbmateBlock.FindStringSubmatch(line)
		blank := strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "--")
		switch {
		case m == nil && part != nil:
			part.add(line, i+1)
			continue
		case m == nil && blank:
			continue
		case m == nil || m[1] == "down" && part == nil:
			return up, down, &Error{File: file, Line: i + 1, Source: line, Text: "it is before any -- migrate:up"}
		}
		if part != nil {
			part.end(i)
		}
		if part = &up; m[1] == "down" {
			part = &down
		}
	}
	if part == nil {
		return up, down, &Error{File: file, Text: "it has no line -- migrate:up"}
	}
	return up, down, nil
}

func dbmateRows(c *sqlite.Conn, table string, _ []Migration) (rows []Row, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		rows = append(rows, Row{Version: s.Text(0)})
		return nil
	}, "SELECT version FROM "+quote(table))
	return rows, err
}
