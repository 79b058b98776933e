// Diagrams of a schema: its tables, their columns and foreign keys.

package schema

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// Table is a table in a diagram.
type Table struct {
	Name    string
	Columns []Column
	Foreign []ForeignKey
}

// Column is a column of a [Table].
type Column struct {
	Name, Type string
	Key        bool // part of the primary key
	Required   bool // NOT NULL
}

// ForeignKey is a foreign key of a [Table].
type ForeignKey struct {
	From   []string
	Parent string
	To     string // the first column that it refers to; "" for the primary key
}

// DOT draws the tables of a schema, their columns and foreign keys in the language of
// Graphviz (https://graphviz.org/doc/info/lang.html). A table that cannot be created in
// memory, for example because the module of a virtual table is missing, is drawn without
// columns.
func DOT(list []Object) string {
	var b strings.Builder
	b.WriteString("digraph schema {\n\trankdir=LR;\n\tnode [shape=plaintext];\n")
	tables := Tables(list)
	for _, t := range tables {
		fmt.Fprintf(&b, "\t%s [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\"><tr><td><b>%s</b></td></tr>", dotName(t.Name), dotText(t.Name))
		for i, c := range t.Columns {
			text := dotText(c.Name)
			if c.Key {
				text = "<u>" + text + "</u>"
			}
			fmt.Fprintf(&b, "<tr><td align=\"left\" port=\"c%d\">%s</td></tr>", i, strings.TrimSpace(text+" "+html.EscapeString(spaced(c.Type))))
		}
		b.WriteString("</table>>];\n")
	}
	for _, t := range tables {
		for _, f := range t.Foreign {
			fmt.Fprintf(&b, "\t%s -> %s;\n", port(tables, t.Name, f.From[0]), port(tables, f.Parent, f.To))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func dotName(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// dotText is a text for a label, in which control characters and an empty text are
// errors.
func dotText(s string) string {
	if s == "" {
		s = `""`
	}
	return html.EscapeString(spaced(s))
}

// spaced is a name with spaces in place of control characters.
func spaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// port is where a column is drawn, "" standing for the first of the primary key;
// its table, if it has no such column.
func port(tables []Table, name, col string) string {
	for _, t := range tables {
		if !strings.EqualFold(t.Name, name) {
			continue
		}
		for i, c := range t.Columns {
			if strings.EqualFold(c.Name, col) || col == "" && c.Key {
				return fmt.Sprintf("%s:c%d", dotName(t.Name), i)
			}
		}
		return dotName(t.Name)
	}
	return dotName(name)
}

// Mermaid is like [DOT], but draws an entity relationship diagram in the language of
// Mermaid (https://mermaid.js.org/syntax/entityRelationshipDiagram.html), which Markdown
// can hold.
func Mermaid(list []Object) string {
	var b strings.Builder
	b.WriteString("erDiagram\n")
	tables := Tables(list)
	name := mermaidNames(tables)
	for _, t := range tables {
		fmt.Fprintf(&b, "    %s {\n", name(t.Name))
		for _, c := range t.Columns {
			kind := cmp.Or(c.Type, "any")
			fmt.Fprintf(&b, "        %s %s", mermaidWord(kind), mermaidWord(c.Name))
			var keys []string
			if c.Key {
				keys = append(keys, "PK")
			}
			if slices.ContainsFunc(t.Foreign, func(f ForeignKey) bool { return slices.Contains(f.From, c.Name) }) {
				keys = append(keys, "FK")
			}
			if keys != nil {
				b.WriteString(" " + strings.Join(keys, ", "))
			}
			if mermaidWord(c.Name) != c.Name {
				b.WriteString(" " + mermaidName(c.Name))
			}
			b.WriteByte('\n')
		}
		b.WriteString("    }\n")
	}
	for _, t := range tables {
		for _, f := range t.Foreign {
			one := "||"
			for _, c := range t.Columns {
				if slices.Contains(f.From, c.Name) && !c.Required {
					one = "|o"
				}
			}
			fmt.Fprintf(&b, "    %s %s--o{ %s : %s\n", name(f.Parent), one, name(t.Name), mermaidName(strings.Join(f.From, ", ")))
		}
	}
	return b.String()
}

// mermaidNames gives each table a name of its own, whatever mermaidName makes of it.
func mermaidNames(tables []Table) func(table string) string {
	names, taken := map[string]string{}, map[string]bool{}
	return func(table string) string {
		key := strings.ToLower(table)
		if names[key] == "" {
			for _, t := range tables { // which a foreign key may name in another case
				if strings.EqualFold(t.Name, table) {
					table = t.Name
				}
			}
			name := mermaidName(table)
			for taken[name] {
				name = strings.TrimSuffix(name, `"`) + `_"`
			}
			names[key], taken[name] = name, true
		}
		return names[key]
	}
}

// mermaidName quotes a name, which has no way to hold a quote, a percent sign, a
// backslash or the end of a line, nor to be empty.
func mermaidName(s string) string {
	if s == "" {
		s = "no name"
	}
	return `"` + strings.NewReplacer(`"`, "'", "%", "\uff05", `\`, "\uff3c").Replace(spaced(s)) + `"`
}

// mermaidWord makes of a name or type a word that need not be quoted, and is none
// that marks a key.
func mermaidWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if r == '_' || r == '(' || r == ')' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, s)
	if !mermaidPlain.MatchString(word) || mermaidKey.MatchString(word) {
		word = "_" + word
	}
	return word
}

var (
	mermaidPlain = regex.New(`^[A-Za-z_]`)
	mermaidKey   = regex.New(`(?i)^(pk|fk|uk)\b`)
)

// Tables returns the tables of a schema by name, as SQLite creates them in a database in
// memory. See [DOT] for tables that cannot be created there.
func Tables(list []Object) (all []Table) {
	c, err := sqlite.Open(context.Background(), ":memory:", sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		return nil
	}
	defer c.Close()
	for _, o := range list {
		if o.Type != "table" {
			continue
		}
		t := Table{Name: o.Name}
		if c.Exec(o.SQL) == nil {
			t.read(c)
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Table) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// read reads the table's columns and foreign keys; what cannot be read is not drawn.
func (t *Table) read(c *sqlite.Conn) {
	columns, _ := catalog.Columns(c, t.Name)
	for _, col := range columns {
		if !col.Hidden {
			t.Columns = append(t.Columns, Column{col.Name, col.Type, col.Key > 0, col.NotNull || col.Key > 0})
		}
	}
	keys, _ := catalog.ForeignKeys(c, t.Name)
	for _, k := range slices.Backward(keys) { // the last one stands first
		f := ForeignKey{From: k.Columns, Parent: k.Parent}
		if k.To != nil {
			f.To = k.To[0]
		}
		t.Foreign = append(t.Foreign, f)
	}
}
