// Tables with foreign keys, and which of their rows have no parent. Whether there
// are any, SQLite says; which key and which values, it does not.

package core

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// child is a table with foreign keys.
type child struct {
	name    string
	rowid   string // a name for the row number; "" if there is none
	columns []column
	primary []int // columns, in their order in the primary key
	keys    []foreignKey

	orphans []*orphan           // of before a migration
	numbers map[int64][]*orphan // them by their row numbers
}

type column struct {
	name, kind string // kind: the declared type
	generated  bool
}

type foreignKey struct {
	id      int64
	columns []int // of the child
	parent  string
	to      []string // columns of the parent; nil: its primary key
	acts    bool     // ON DELETE or ON UPDATE changes the child
}

// readChild learns the columns and keys of a table.
func readChild(c *sqlite.Conn, table string) (*child, error) {
	t := &child{name: table}
	place, primary := map[string]int{}, map[int64]int{}
	err := c.Query(func(s *sqlite.Stmt) error {
		place[strings.ToLower(s.Text(0))] = len(t.columns)
		if n := s.Int(2); n > 0 {
			primary[n] = len(t.columns)
		}
		t.columns = append(t.columns, column{s.Text(0), s.Text(1), s.Int(3) > 1})
		return nil
	}, "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?, 'main')", table)
	if err != nil {
		return nil, err
	}
	for n := range int64(len(primary)) {
		t.primary = append(t.primary, primary[n+1])
	}
	err = c.Query(func(s *sqlite.Stmt) error {
		if n := len(t.keys); n == 0 || t.keys[n-1].id != s.Int(0) {
			t.keys = append(t.keys, foreignKey{id: s.Int(0), parent: s.Text(1), acts: acts(s.Text(4)) || acts(s.Text(5))})
		}
		k := &t.keys[len(t.keys)-1]
		k.columns = append(k.columns, place[strings.ToLower(s.Text(2))])
		if s.Value(3) != nil {
			k.to = append(k.to, s.Text(3))
		}
		return nil
	}, `SELECT id, "table", "from", "to", on_delete, on_update FROM pragma_foreign_key_list(?, 'main') ORDER BY id, seq`, table)
	if err != nil {
		return nil, err
	}
	without, err := c.Int("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", table)
	if without == 0 {
		t.rowid = rowidOf(place)
	}
	return t, err
}

// acts reports whether an action of a foreign key changes the child
// (https://sqlite.org/foreignkeys.html#fk_actions).
func acts(action string) bool { return action != "NO ACTION" && action != "RESTRICT" }

// rowidOf is a name for the row number that no column has
// (https://sqlite.org/lang_createtable.html#rowid); "" if all are taken.
func rowidOf[T any](columns map[string]T) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if _, taken := columns[name]; !taken {
			return name
		}
	}
	return ""
}

// violations calls found for the rows without a parent, and for the foreign keys
// that refer to nothing unique.
func (t *child) violations(c *sqlite.Conn, mismatch *sqlite.Error, found func(violation) error) error {
	bad := make([]bool, len(t.keys))
	if mismatch != nil { // of which SQLite says the first
		for i, k := range t.keys {
			var err error
			if bad[i], err = k.mismatch(c); err != nil {
				return err
			}
		}
		for i, k := range t.keys { // a collation is what the other index lacks
			bad[i] = bad[i] || !slices.Contains(bad, true) && strings.HasSuffix(mismatch.Msg, fmt.Sprintf("referencing %q", k.parent))
		}
	}
	for i, k := range t.keys {
		if bad[i] {
			err := found(violation{child: t, orphan: &orphan{key: i, mismatch: true}})
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
			o := &orphan{key: i, rowid: s.Int(0), cells: make([]uint64, len(t.columns))}
			for j := range t.columns {
				o.cells[j] = cell(s.Value(j + 1))
			}
			v := violation{child: t, orphan: o}
			for _, j := range k.columns {
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
func (t *child) query(c *sqlite.Conn, k foreignKey) (string, error) {
	columns := []string{"NULL"}
	if t.rowid != "" {
		columns[0] = "child." + t.rowid
	}
	for i, col := range t.columns {
		if name := "child." + sqlite.Quote(col.name); !col.generated || slices.Contains(k.columns, i) {
			columns = append(columns, name)
		} else {
			columns = append(columns, "NULL")
		}
	}
	to, exists, err := k.parentColumns(c)
	if err != nil {
		return "", err
	}
	where, match := []string{}, []string{}
	for i, j := range k.columns {
		name := "child." + sqlite.Quote(t.columns[j].name)
		where = append(where, name+" IS NOT NULL")
		if exists && i < len(to) {
			match = append(match, "parent."+sqlite.Quote(to[i])+" = +"+name)
		}
	}
	if exists {
		where = append(where, "NOT EXISTS (SELECT 1 FROM main."+sqlite.Quote(k.parent)+" AS parent WHERE "+strings.Join(match, " AND ")+")")
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM main." + sqlite.Quote(t.name) + " AS child WHERE " + strings.Join(where, " AND "), nil
}

// parentColumns are those that the key refers to.
func (k foreignKey) parentColumns(c *sqlite.Conn) (to []string, exists bool, err error) {
	n, err := c.Int("SELECT count(*) FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE", k.parent)
	if err != nil || n == 0 || k.to != nil {
		return k.to, n > 0, err
	}
	to, err = texts(c, "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE pk > 0 ORDER BY pk", k.parent)
	return to, true, err
}

// mismatch reports whether what the key refers to is not unique.
func (k foreignKey) mismatch(c *sqlite.Conn) (bool, error) {
	to, exists, err := k.parentColumns(c)
	if err != nil || !exists || k.to == nil {
		return exists && len(to) != len(k.columns), err
	}
	columns := func(list []string) string {
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		slices.Sort(list)
		return strings.Join(list, "\x00")
	}
	want := columns(slices.Clone(to))
	primary, err := texts(c, "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE pk > 0", k.parent)
	if err != nil || columns(primary) == want {
		return false, err
	}
	indexes, err := texts(c, `SELECT name FROM pragma_index_list(?, 'main') WHERE "unique" AND NOT partial`, k.parent)
	for _, index := range indexes {
		key, err := texts(c, "SELECT name FROM pragma_index_xinfo(?, 'main') WHERE key", index)
		if err != nil || columns(key) == want {
			return false, err
		}
	}
	return true, err
}

// texts gives the first column of the rows of a query.
func texts(c *sqlite.Conn, sql string, args ...any) (list []string, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		list = append(list, s.Text(0))
		return nil
	}, sql, args...)
	return list, err
}
