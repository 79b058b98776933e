// Package schema holds the schema of a database as text: the statements that make it.
// It compares two of them, draws one, and writes the script that gives a table another
// definition:
//
//	list, err := core.Schema(ctx, "app.db", core.Options{})
//	fmt.Print(schema.SQL(list))
//
// Nothing here opens a database. What SQLite makes of a statement is asked of one in
// memory.
package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fastmigrate/core/internal/split"
)

// Object is one table, index, view or trigger that somebody created: not what
// SQLite or a virtual table keeps for itself, and not the migrator's tables.
type Object struct {
	Type  string `json:"type"` // table, index, view or trigger
	Name  string `json:"name"`
	Table string `json:"table"` // that it is about; of a table or a view its own name
	SQL   string `json:"sql"`   // that makes it, as SQLite keeps it
}

// SQL is the script that makes the schema, in an order that depends on names
// alone: a table, its indexes and triggers, then the next; virtual tables, views.
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

// rank parts tables, virtual tables and views, each with what is about them.
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

// create is how the stored text of an object begins
// (https://sqlite.org/schematab.html: SQLite normalises it).
var create = regexp.MustCompile(`(?i)^CREATE\s+(VIRTUAL\s+TABLE|TABLE|UNIQUE\s+INDEX|INDEX|VIEW|TRIGGER)\s+(IF\s+NOT\s+EXISTS\s+)?`)

// IfNotExists is the statement that makes the object unless it is there. It fails if the
// one that made it cannot be read.
func (o Object) IfNotExists() (string, error) {
	m := create.FindStringSubmatchIndex(o.SQL)
	if m == nil {
		return "", fmt.Errorf("the %s %s was made by a statement that cannot be read: %s", o.Type, o.Name, firstLine(o.SQL))
	}
	return terminated("CREATE " + o.SQL[m[2]:m[3]] + " IF NOT EXISTS " + o.SQL[m[1]:]), nil
}

// terminated is a statement with its semicolon.
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
