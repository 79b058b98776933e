// Tables with foreign keys, and which of their rows have no parent. SQLite tells whether
// there are any, but not which key and which values.

package foreign

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Child is a table with foreign keys.
type Child struct {
	Name    string
	rowid   string // a name for the row number; "" if there is none
	Columns []catalog.Column
	primary []int // places in Columns of the primary key, in its order
	Keys    []Key

	Orphans []*Orphan           // violations before a migration
	numbers map[int64][]*Orphan // Orphans by their row numbers; nil until asked for
}

// Key is a foreign key of a [Child].
type Key struct {
	Columns []int // of the child
	Parent  string
	to      []string // columns of the parent; nil: its primary key
	Acts    bool     // ON DELETE or ON UPDATE changes the child
}

// ReadChild reads the columns and keys of a table.
func ReadChild(c *sqlite.Conn, table string) (*Child, error) {
	columns, err := catalog.Columns(c, table)
	if err != nil {
		return nil, err
	}
	t := &Child{Name: table, Columns: columns, primary: catalog.Primary(columns)}
	keys, err := catalog.ForeignKeys(c, table)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		key := Key{Parent: k.Parent, to: k.To, Acts: k.Acts()}
		for _, name := range k.Columns {
			key.Columns = append(key.Columns, max(0, slices.IndexFunc(columns, func(c catalog.Column) bool { return strings.EqualFold(c.Name, name) })))
		}
		t.Keys = append(t.Keys, key)
	}
	shape, _, err := catalog.Find(c, table)
	if !shape.WithoutRowid {
		t.rowid = catalog.Rowid(columns...)
	}
	return t, err
}

// violations calls found for each row without a parent, and for each foreign key that
// refers to columns that are not unique.
func (t *Child) violations(c *sqlite.Conn, mismatch *sqlite.Error, found func(Violation) error) error {
	bad := make([]bool, len(t.Keys))
	if mismatch != nil { // SQLite names the first only
		for i, k := range t.Keys {
			var err error
			if bad[i], err = k.Mismatch(c); err != nil {
				return err
			}
		}
		for i, k := range t.Keys { // a collation is what the other index lacks
			bad[i] = bad[i] || !slices.Contains(bad, true) && strings.HasSuffix(mismatch.Msg, fmt.Sprintf("referencing %q", k.Parent))
		}
	}
	for i, k := range t.Keys {
		if bad[i] {
			err := found(Violation{Child: t, Orphan: &Orphan{Key: i, Mismatch: true}})
			if err != nil {
				return err
			}
			continue
		}
		sql, err := t.query(c, k)
		if err != nil {
			return err
		}
		err = c.Query(func(s *sqlite.Stmt) error {
			o := &Orphan{Key: i, rowid: s.Int(0), cells: make([]uint64, len(t.Columns))}
			for j := range t.Columns {
				o.cells[j] = cell(s.Value(j + 1))
			}
			v := Violation{Child: t, Orphan: o}
			for _, j := range k.Columns {
				v.values = append(v.values, s.Value(j+1))
			}
			return found(v)
		}, sql)
		if err != nil {
			return err
		}
	}
	return nil
}

// query is that of the rows without a parent, as SQLite defines it: the value takes
// the type and the collation of the parent's column
// (https://sqlite.org/foreignkeys.html#fk_basics).
func (t *Child) query(c *sqlite.Conn, k Key) (string, error) {
	columns := []string{"NULL"}
	if t.rowid != "" {
		columns[0] = "child." + t.rowid
	}
	for i, col := range t.Columns {
		if name := "child." + sqlite.Quote(col.Name); !col.Generated || slices.Contains(k.Columns, i) {
			columns = append(columns, name)
		} else {
			columns = append(columns, "NULL")
		}
	}
	to, exists, err := k.ParentColumns(c)
	if err != nil {
		return "", err
	}
	where, match := []string{}, []string{}
	for i, j := range k.Columns {
		name := "child." + sqlite.Quote(t.Columns[j].Name)
		where = append(where, name+" IS NOT NULL")
		if exists && i < len(to) {
			match = append(match, "parent."+sqlite.Quote(to[i])+" = +"+name)
		}
	}
	if exists {
		where = append(where, "NOT EXISTS (SELECT 1 FROM main."+sqlite.Quote(k.Parent)+" AS parent WHERE "+strings.Join(match, " AND ")+")")
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM main." + sqlite.Quote(t.Name) + " AS child WHERE " + strings.Join(where, " AND "), nil
}

// ParentColumns are the columns to which the key refers, and whether the parent exists.
func (k Key) ParentColumns(c *sqlite.Conn) (to []string, exists bool, err error) {
	n, err := c.Int("SELECT count(*) FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE", k.Parent)
	if err != nil || n == 0 || k.to != nil {
		return k.to, n > 0, err
	}
	columns, err := catalog.Columns(c, k.Parent)
	return catalog.PrimaryNames(columns), true, err
}

// UniqueColumns are the columns that must be unique, as SQL has them; "" if the key
// names none, and so means the primary key.
func (k Key) UniqueColumns() string {
	var list []string
	for _, c := range k.to {
		list = append(list, sqlite.Bare(c))
	}
	return strings.Join(list, ", ")
}

// Mismatch reports whether the columns to which the key refers are not unique.
func (k Key) Mismatch(c *sqlite.Conn) (bool, error) {
	to, exists, err := k.ParentColumns(c)
	if err != nil || !exists || k.to == nil {
		return exists && len(to) != len(k.Columns), err
	}
	columns := func(list []string) string {
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		slices.Sort(list)
		return strings.Join(list, "\x00")
	}
	want := columns(slices.Clone(to))
	all, err := catalog.Columns(c, k.Parent)
	if err != nil || columns(catalog.PrimaryNames(all)) == want {
		return false, err
	}
	indexes, err := catalog.Indexes(c, k.Parent)
	for _, index := range indexes {
		if !index.Unique || index.Partial {
			continue
		}
		key, err := catalog.IndexColumns(c, index.Name)
		if err != nil || columns(key) == want {
			return false, err
		}
	}
	return true, err
}
