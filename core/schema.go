package core

import (
	"fmt"
	"regexp"
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// object is one table, index, view or trigger that somebody created: not what
// SQLite or a virtual table keeps for itself, and not the migrator's tables.
type object struct {
	kind, name, table, sql string
}

// objects lists the schema in an order in which it can be made again: what a
// statement needs stands before it. Views come as they were made, since SQLite
// lets a view name what is not there yet.
func objects(c *sqlite.Conn) ([]object, error) {
	var list []object
	err := c.Query(func(s *sqlite.Stmt) error {
		list = append(list, object{s.Text(0), s.Text(1), s.Text(2), s.Text(3)})
		return nil
	}, `WITH shadow(name) AS MATERIALIZED (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
		SELECT type, name, tbl_name, sql FROM sqlite_master
		WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_'
			AND tbl_name COLLATE NOCASE NOT IN ('_meta', '_meta_history')
			AND tbl_name NOT IN shadow
		ORDER BY CASE type WHEN 'table' THEN sql LIKE 'CREATE VIRTUAL%' WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid`)
	return list, err
}

// create is how the stored text of an object begins
// (https://sqlite.org/schematab.html: SQLite normalises it).
var create = regexp.MustCompile(`(?i)^CREATE\s+(VIRTUAL\s+TABLE|TABLE|UNIQUE\s+INDEX|INDEX|VIEW|TRIGGER)\s+(IF\s+NOT\s+EXISTS\s+)?`)

// ifNotExists is the statement that makes the object unless it is there.
func (o object) ifNotExists() (string, error) {
	m := create.FindStringSubmatchIndex(o.sql)
	if m == nil {
		return "", fmt.Errorf("the %s %s was made by a statement that cannot be read: %s", o.kind, o.name, firstLine(o.sql))
	}
	sql := "CREATE " + o.sql[m[2]:m[3]] + " IF NOT EXISTS " + o.sql[m[1]:]
	sc := split.New([]byte(sql + ";"))
	if st, _ := sc.Next(); !st.Terminated || st.End != len(sql)+1 {
		sql += "\n" // it ends in a comment, which would swallow the semicolon
	}
	return sql + ";\n", nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// difference names the first object that is not the same in two schemas; "" if
// they are the same.
func difference(a, b []object) string {
	index := func(list []object) map[[2]string]object {
		m := map[[2]string]object{}
		for _, o := range list {
			m[[2]string{o.kind, o.name}] = o
		}
		return m
	}
	in, other := index(a), index(b)
	for _, o := range a {
		switch twin, ok := other[[2]string{o.kind, o.name}]; {
		case !ok:
			return fmt.Sprintf("the %s %s is only in the database", o.kind, o.name)
		case twin.table != o.table || strings.TrimSpace(twin.sql) != strings.TrimSpace(o.sql):
			return fmt.Sprintf("the %s %s differs: in the database\n%s\nin the migrations\n%s", o.kind, o.name, o.sql, twin.sql)
		}
	}
	for _, o := range b {
		if _, ok := in[[2]string{o.kind, o.name}]; !ok {
			return fmt.Sprintf("the %s %s is only in the migrations", o.kind, o.name)
		}
	}
	return ""
}
