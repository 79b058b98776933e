package tools

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fastmigrate/core/internal/sqlite"
)

// goose reads the files of https://github.com/pressly/goose: NNN_name.sql, with
// annotations that tell the parts from each other.
var goose = reader{gooseName, gooseParts, byNumber}

func gooseName(file string) (n named, err error) {
	ext := filepath.Ext(file)
	digits, title, ok := strings.Cut(strings.TrimSuffix(file, ext), "_")
	version, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || version < 1 || ext != ".sql" && ext != ".go" || strings.HasSuffix(file, "_test.go") {
		return n, nil
	}
	if ext == ".go" {
		return n, errors.New("it is a migration in Go, which only goose can run: replace it with a .sql file of the same number that produces the same schema")
	}
	return named{version: strconv.FormatInt(version, 10), title: title}, nil
}

func gooseParts(file string, _ named, text []byte) (up, down Part, err error) {
	var part *Part
	inside := false // a statement between its annotations
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		say := func(format string, args ...any) (Part, Part, error) {
			return up, down, &Error{File: file, Line: i + 1, Source: line, Text: fmt.Sprintf(format, args...)}
		}
		if !strings.HasPrefix(strings.TrimSpace(line), "--") || !strings.Contains(line, "+goose") {
			if part != nil {
				part.add(line, i+1)
			}
			continue
		}
		annotation := strings.TrimSpace(strings.Replace(strings.ReplaceAll(line, "--", ""), "+goose", "", 1))
		switch strings.ToUpper(annotation) {
		case "UP":
			if part != nil {
				return say("a second Up")
			}
			part = &up
		case "DOWN":
			if part != &up || inside {
				return say("Down is not after an Up")
			}
			part = &down
		case "STATEMENTBEGIN":
			if part == nil || inside {
				return say("StatementBegin is where no statement can begin")
			}
			inside = true
		case "STATEMENTEND":
			if !inside {
				return say("StatementEnd without its StatementBegin")
			}
			inside = false
			part.end(i + 1)
		case "NO TRANSACTION", "ENVSUB OFF": // what cannot be in a transaction, the text tells
		case "ENVSUB ON":
			return say("the values from the environment are not known: write them into the file, and remove this line")
		default:
			return say("goose has no annotation %q", annotation)
		}
	}
	switch {
	case part == nil:
		return up, down, &Error{File: file, Text: "it has no line -- +goose Up"}
	case inside:
		return up, down, &Error{File: file, Text: "a StatementBegin has no StatementEnd"}
	}
	return up, down, nil
}

// gooseRows takes of each version the last row: earlier releases of goose add one
// when a migration is taken back. Version 0 is the table itself.
func gooseRows(c *sqlite.Conn, table string, _ []Migration) (rows []Row, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		r := Row{Version: s.Text(0)}
		r.At, _ = time.Parse(time.DateTime, s.Text(2))
		rows = slices.DeleteFunc(rows, func(before Row) bool { return before.Version == r.Version })
		if s.Int(1) != 0 && r.Version != "0" {
			rows = append(rows, r)
		}
		return nil
	}, "SELECT version_id, is_applied, datetime(tstamp) FROM "+quote(table)+" ORDER BY id")
	return rows, err
}
