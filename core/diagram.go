package core

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// table is what a diagram shows of one.
type table struct {
	name    string
	columns []column
	foreign []foreign
}

type column struct {
	name, kind string
	key        bool // part of the primary key
	required   bool
}

// foreign is a foreign key.
type foreign struct {
	from   []string
	parent string
	to     string // the first column that is referred to; "" for the primary key
}

// DOT draws the tables of a schema, their columns and foreign keys in the language
// of Graphviz (https://graphviz.org/doc/info/lang.html). A table that cannot be
// made here, as the module of a virtual one may be missing, is drawn without
// columns.
func DOT(list []Object) string {
	var b strings.Builder
	b.WriteString("digraph schema {\n\trankdir=LR;\n\tnode [shape=plaintext];\n")
	tables := tables(list)
	for _, t := range tables {
		fmt.Fprintf(&b, "\t%s [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\"><tr><td><b>%s</b></td></tr>", dotName(t.name), dotText(t.name))
		for i, c := range t.columns {
			text := dotText(c.name)
			if c.key {
				text = "<u>" + text + "</u>"
			}
			fmt.Fprintf(&b, "<tr><td align=\"left\" port=\"c%d\">%s</td></tr>", i, strings.TrimSpace(text+" "+dotText(c.kind)))
		}
		b.WriteString("</table>>];\n")
	}
	for _, t := range tables {
		for _, f := range t.foreign {
			fmt.Fprintf(&b, "\t%s -> %s;\n", port(tables, t.name, f.from[0]), port(tables, f.parent, f.to))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func dotName(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func dotText(s string) string { return html.EscapeString(s) }

// port is where a column is drawn, "" standing for the first of the primary key;
// its table, if it has no such column.
func port(tables []table, name, col string) string {
	for _, t := range tables {
		if !strings.EqualFold(t.name, name) {
			continue
		}
		for i, c := range t.columns {
			if strings.EqualFold(c.name, col) || col == "" && c.key {
				return fmt.Sprintf("%s:c%d", dotName(t.name), i)
			}
		}
		return dotName(t.name)
	}
	return dotName(name)
}

// Mermaid draws the same as an entity relationship diagram of Mermaid
// (https://mermaid.js.org/syntax/entityRelationshipDiagram.html), which Markdown
// can hold.
func Mermaid(list []Object) string {
	var b strings.Builder
	b.WriteString("erDiagram\n")
	tables := tables(list)
	for _, t := range tables {
		fmt.Fprintf(&b, "    %s {\n", mermaidName(t.name))
		for _, c := range t.columns {
			kind := cmp.Or(c.kind, "any")
			fmt.Fprintf(&b, "        %s %s", mermaidWord(kind), mermaidWord(c.name))
			var keys []string
			if c.key {
				keys = append(keys, "PK")
			}
			if slices.ContainsFunc(t.foreign, func(f foreign) bool { return slices.Contains(f.from, c.name) }) {
				keys = append(keys, "FK")
			}
			if keys != nil {
				b.WriteString(" " + strings.Join(keys, ", "))
			}
			if mermaidWord(c.name) != c.name {
				b.WriteString(" " + mermaidName(c.name))
			}
			b.WriteByte('\n')
		}
		b.WriteString("    }\n")
	}
	for _, t := range tables {
		for _, f := range t.foreign {
			one := "||"
			for _, c := range t.columns {
				if slices.Contains(f.from, c.name) && !c.required {
					one = "|o"
				}
			}
			fmt.Fprintf(&b, "    %s %s--o{ %s : %s\n", mermaidName(f.parent), one, mermaidName(t.name), mermaidName(strings.Join(f.from, ", ")))
		}
	}
	return b.String()
}

// mermaidName quotes a name, which has no way to hold a quote.
func mermaidName(s string) string { return `"` + strings.ReplaceAll(s, `"`, "'") + `"` }

// mermaidWord makes of a name or type a word that need not be quoted.
func mermaidWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if r == '_' || r == '(' || r == ')' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, s)
	if c := word[0]; c >= '0' && c <= '9' || c == '(' || c == ')' {
		word = "_" + word
	}
	return word
}

// tables reads what SQLite makes of the statements, in a database in memory.
func tables(list []Object) (all []table) {
	c, err := sqlite.Open(context.Background(), ":memory:", sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		return nil
	}
	defer c.Close()
	for _, o := range list {
		if o.Type != "table" {
			continue
		}
		t := table{name: o.Name}
		if c.Exec(o.SQL) == nil {
			t.read(c)
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b table) int { return strings.Compare(a.name, b.name) })
	return all
}

// read reads the table's columns and foreign keys; what cannot be read is not drawn.
func (t *table) read(c *sqlite.Conn) {
	c.Query(func(s *sqlite.Stmt) error {
		t.columns = append(t.columns, column{s.Text(0), s.Text(1), s.Int(2) > 0, s.Int(3) > 0 || s.Int(2) > 0})
		return nil
	}, "SELECT name, type, pk, \"notnull\" FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1", t.name)
	c.Query(func(s *sqlite.Stmt) error {
		if s.Int(1) == 0 {
			t.foreign = append(t.foreign, foreign{parent: s.Text(2), to: s.Text(4)})
		}
		f := &t.foreign[len(t.foreign)-1]
		f.from = append(f.from, s.Text(3))
		return nil
	}, `SELECT id, seq, "table", "from", "to" FROM pragma_foreign_key_list(?, 'main') ORDER BY id DESC, seq`, t.name)
}
