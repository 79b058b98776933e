// Package schema works with the schema of a database as text: the statements that create
// it. It compares two schemas, draws one, and writes the script that gives a table a new
// definition:
//
//	list, err := core.Schema(ctx, "app.db", core.Options{})
//	fmt.Print(schema.SQL(list))
//
// The invariant: no function opens a database file. To let SQLite parse a statement, they
// use a database in memory.
package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/regex"
)

// Object is a table, index, view or trigger that someone created. The internal tables of
// SQLite, of virtual tables and of the migrator are left out, and so are those of
// Litestream, which come and go with the program that replicates the database.
type Object struct {
	Type  string `json:"type"` // table, index, view or trigger
	Name  string `json:"name"`
	Table string `json:"table"` // the table of an index or a trigger; otherwise the same as Name
	SQL   string `json:"sql"`   // the statement that creates it, as SQLite stores it
}

// SQL returns the script that creates the schema, in an order that depends only on names:
// each table with its indexes and triggers, then the virtual tables, then the views.
func SQL(list []Object) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Object) int {
		return cmp.Or(cmp.Compare(rank(a, list), rank(b, list)), cmp.Compare(a.Table, b.Table),
			cmp.Compare(kinds[a.Type], kinds[b.Type]), cmp.Compare(a.Name, b.Name))
	})
	var b strings.Builder
	for i, o := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(terminated(o.SQL))
	}
	return b.String()
}

var kinds = map[string]int{"table": 1, "view": 2, "index": 3, "trigger": 4}

// rank orders tables, virtual tables and views, each with its indexes and triggers.
func rank(o Object, list []Object) int {
	for _, t := range list {
		switch {
		case !strings.EqualFold(t.Name, o.Table):
		case t.Type == "view":
			return 2
		case t.Type == "table" && t.Virtual():
			return 1
		}
	}
	return 0
}

// create matches the beginning of the statement of an object, which SQLite normalises
// (https://sqlite.org/schematab.html).
var create = regex.New(`(?i)^CREATE\s+(VIRTUAL\s+TABLE|TABLE|UNIQUE\s+INDEX|INDEX|VIEW|TRIGGER)\s+(IF\s+NOT\s+EXISTS\s+)?`)

// IfNotExists returns the statement that creates the object unless it already exists. It
// returns an error if the statement in SQL cannot be parsed.
func (o Object) IfNotExists() (string, error) {
	m := create.Regexp().FindStringSubmatchIndex(o.SQL)
	if m == nil {
		return "", fmt.Errorf("the %s %s has a definition that cannot be read: %s", o.Type, o.Name, firstLine(o.SQL))
	}
	return terminated("CREATE " + o.SQL[m[2]:m[3]] + " IF NOT EXISTS " + o.SQL[m[1]:]), nil
}

// terminated returns a statement with a semicolon and a line break.
func terminated(sql string) string {
	sc := split.New([]byte(sql + ";"))
	if st, _ := sc.Next(); !st.Terminated || st.End != len(sql)+1 {
		sql += "\n" // it ends in a comment, which would swallow the semicolon
	}
	return sql + ";\n"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
