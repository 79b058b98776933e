package tools

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// golangMigrate reads the files of https://github.com/golang-migrate/migrate:
// NNN_name.up.sql and NNN_name.down.sql.
var golangMigrate = reader{golangMigrateName, upOrDown, byNumber}

var golangMigrateFile = regex.New(`^([0-9]+)_(.*)\.(down|up)\.(.*)$`)

func golangMigrateName(file string) (n named, err error) {
	m := golangMigrateFile.FindStringSubmatch(file)
	switch {
	case m == nil:
		return n, nil
	case !strings.EqualFold(filepath.Ext(file), ".sql"): // not m[4]: of 30_x.up..sql it runs too
		return n, fmt.Errorf("it is not a .sql, but golang-migrate would run it")
	}
	return named{number(m[1]), m[2], m[3] == "down"}, nil
}

// golangMigrateRows reads the one row, which is gone once all was taken back.
func golangMigrateRows(c *sqlite.Conn, table string, list []Migration) (rows []Row, err error) {
	version, dirty := "", false
	err = c.Query(func(s *sqlite.Stmt) error {
		version, dirty = s.Text(0), s.Int(1) != 0
		return nil
	}, "SELECT version, dirty FROM "+quote(table)+" LIMIT 1")
	switch {
	case err != nil || version == "":
		return nil, err
	case dirty:
		return nil, fmt.Errorf("its version %s is dirty: a migration failed halfway; repair the database, then set the version with golang-migrate force", version)
	}
	return upTo(list, version)
}

// userVersion reads numbered files whose number is in PRAGMA user_version:
// 1.sql, 001_x.sql, 01-x.up.sql, V1__x.sql.
var userVersion = reader{userVersionName, upOrDown, byNumber}

var userVersionFile = regex.New(`^[vV]?([0-9]+)(?:[-_ ]+(.*?))?(?:\.(up|down))?\.sql$`)

func userVersionName(file string) (n named, err error) {
	m := userVersionFile.FindStringSubmatch(file)
	if m == nil {
		return n, nil
	}
	if n = (named{number(m[1]), m[2], m[3] == "down"}); n.version == "0" {
		return n, errors.New("a user_version of 0 does not tell whether number 0 was applied")
	}
	return n, nil
}

func userVersionRows(c *sqlite.Conn, _ string, list []Migration) ([]Row, error) {
	version, err := c.Text("PRAGMA user_version")
	if err != nil || version == "0" {
		return nil, err
	}
	return upTo(list, version)
}
