package loss

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// Content is the content of a database, as far as losses are found in it. The zero value is
// that of an empty database.
type Content struct {
	Schema []schema.Object
	Tables map[string]*Table // by the name in lower case

	// Sequences are the last numbers used by tables with AUTOINCREMENT, by name in lower case
	// (https://sqlite.org/autoinc.html).
	Sequences map[string]int64
}

// Table is the content of one table.
type Table struct {
	Name, SQL string
	Root      int64    // its first page in the file, which changes if it is created again; 0 if it has none
	Rows      int64    // -1 if they are not counted
	Columns   []Column // with a value of their own; nil if their values are not counted

	carried bool              // it is sure to hold what the one before held
	schema  string            // with which Name begins; "" if it does with none
	renamed map[string]string // by the name of a column in lower case, its name before: see findRenamed
}

// Column is the content of one column.
type Column struct {
	Name    string
	NotNull bool
	Types   Types
}

// Of lists the tables of a database by its schema. It counts nothing: [Table.CountRows]
// and [Table.CountValues] do. The errors are those of SQLite.
func Of(c *sqlite.Conn, list []schema.Object) (Content, error) {
	stored, err := catalog.StoredTables(c)
	if err != nil {
		return Content{}, err
	}
	roots := map[string]int64{}
	for _, t := range stored {
		roots[t.Name] = t.Root
	}
	content := Content{Schema: list, Tables: map[string]*Table{}, Sequences: map[string]int64{}}
	for _, o := range list {
		if o.Type == "table" {
			content.Tables[strings.ToLower(o.Name)] = &Table{Name: o.Name, SQL: o.SQL, Root: roots[o.Name], Rows: -1}
		}
	}
	if roots["sqlite_sequence"] == 0 {
		return content, nil
	}
	return content, c.Query(func(s *sqlite.Stmt) error {
		content.Sequences[strings.ToLower(s.Text(0))] = s.Int(1)
		return nil
	}, "SELECT name, seq FROM main.sqlite_sequence")
}

// Indexed reports whether there is a full-text table of another table's rows.
func (c Content) Indexed() bool {
	for _, t := range c.Tables {
		if t.indexes() {
			return true
		}
	}
	return false
}

// indexes reports whether it is a full-text table of another table's rows.
func (t *Table) indexes() bool {
	if t.Root != 0 {
		return false
	}
	v, _ := split.ReadVirtual([]byte(t.SQL))
	return v.ExternalContent() != ""
}

// CountRows counts the rows, unless they are those of another table.
func (t *Table) CountRows(c *sqlite.Conn) error {
	if t.indexes() {
		return nil
	}
	rows, _, err := Count(c, t.Name, nil)
	if err == nil {
		t.Rows = rows
	}
	return err
}

// CountValues counts the rows and what the columns hold, in one pass, as CountRows.
func (t *Table) CountValues(c *sqlite.Conn) error {
	if t.indexes() {
		return nil
	}
	columns, err := catalog.Columns(c, t.Name)
	if err != nil {
		return err
	}
	t.Columns = nil
	alone := len(catalog.Primary(columns)) == 1
	for _, col := range columns {
		if col.Ordinary() {
			id := col.Key > 0 && alone && strings.EqualFold(col.Type, "integer")
			t.Columns = append(t.Columns, Column{Name: col.Name, NotNull: col.NotNull || id})
		}
	}
	rows, types, err := Count(c, t.Name, catalog.Ordinary(columns))
	if err != nil {
		return err
	}
	t.Rows = rows
	for i, of := range types {
		t.Columns[i].Types = of
	}
	return nil
}

// CountFilled counts how many values of the columns are not NULL, in a quarter of the
// time: their types are not looked at, and given as text.
func (t *Table) CountFilled(c *sqlite.Conn) error {
	columns, err := catalog.Columns(c, t.Name)
	if err != nil {
		return err
	}
	names := catalog.Ordinary(columns)
	filled, err := countFilled(c, t.Name, names)
	if err != nil {
		return err
	}
	t.Columns = nil
	for i, name := range names {
		t.Columns = append(t.Columns, Column{Name: name, Types: Types{2: filled[i]}})
	}
	return nil
}

// HasBlobs reports whether a value of an ordinary column is a BLOB, which sorts after all else
// (https://sqlite.org/datatype3.html#comparisons).
func (t *Table) HasBlobs(c *sqlite.Conn) (bool, error) {
	columns, err := catalog.Columns(c, t.Name)
	if err != nil {
		return false, err
	}
	for names := range slices.Chunk(catalog.Ordinary(columns), 500) {
		for i, name := range names {
			names[i] = sqlite.Quote(name) + " >= x''"
		}
		n, err := c.Int("SELECT EXISTS (SELECT 1 FROM main." + sqlite.Quote(t.Name) + " WHERE " + strings.Join(names, " OR ") + ")")
		if err != nil || n != 0 {
			return n != 0, err
		}
	}
	return false, nil
}

// CountedBefore takes the counts from before the script that seen watched, if the table
// certainly holds the same, and reports whether it did.
func (t *Table) CountedBefore(before Content, seen *Trace) bool {
	old := before.Tables[strings.ToLower(t.Name)]
	switch {
	case old == nil, old.SQL != t.SQL, !seen.spares(t.Name):
		return false
	case t.Root == 0, strings.Contains(strings.ToUpper(t.SQL), "WITHOUT"): // no hook sees its rows
		return false
	}
	t.Rows, t.Columns, t.carried = old.Rows, old.Columns, true
	return true
}
