// The script that gives a table another definition: what ALTER TABLE cannot do,
// SQLite does by making the table anew
// (https://sqlite.org/lang_altertable.html#otheralter). The invariant: what is
// about the table and not asked to change is as before.

package core

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Rebuild gives the script that makes the table, one of schema, what the
// statement CREATE TABLE in newSQL says, and then again its indexes and
// triggers in schema. NewSQL may also be only what stands in the parentheses of
// that statement; STRICT and WITHOUT ROWID are then as before. Rows stay, and where a table has rowids of its own, these;
// so do views, triggers and foreign keys elsewhere that name the table, and the
// sequence of AUTOINCREMENT. A comment says what is lost.
//
// A column is filled from the old one of its name, or else by its default;
// values gives other expressions, over the old table, by the name of the new
// column. Nil: there are none. The script is for a transaction in which foreign
// keys are not enforced, as that of a migration is. It is tried on the schema, but
// not on any rows.
//
// Errors: ErrRefused if schema has no such table, if it is virtual, if newSQL
// does not make it, or has no column of a name in values, if an index, a trigger,
// a view or a foreign key elsewhere needs what is gone; what SQLite says of newSQL.
func Rebuild(ctx context.Context, schema []Object, table, newSQL string, values map[string]string) (string, error) {
	was, now, err := definitions(ctx, schema, table, newSQL)
	if err != nil {
		return "", fmt.Errorf("rebuild %s: %w", table, err)
	}
	for name := range values {
		if c := now.column(name); c == nil || c.generated {
			return "", fmt.Errorf("rebuild %s: %w", table, fault.Of(fault.ErrRefused, "the new table has no column %s that can be given a value", name))
		}
	}
	temp := sqlite.Quote(now.spare(schema))
	start, end, _, _ := split.Table([]byte(now.sql))
	var into, from, lost []string
	if id := was.rowid(now); id != "" && was.key == nil && now.key == nil {
		into, from = []string{id}, []string{id}
	}
	for _, c := range now.columns {
		value, given := lookup(values, c.name)
		if !given && was.column(c.name) != nil {
			value = sqlite.Quote(c.name)
		}
		if value != "" && !c.generated {
			into, from = append(into, sqlite.Quote(c.name)), append(from, value)
		}
	}
	for _, c := range was.columns {
		if !c.generated && now.column(c.name) == nil {
			lost = append(lost, sqlite.Quote(c.name))
		}
	}
	var again []Object
	for _, o := range schema {
		if (o.Type == "index" || o.Type == "trigger") && strings.EqualFold(o.Table, table) {
			again = append(again, o)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- The table %s is made anew (https://sqlite.org/lang_altertable.html#otheralter).\n", comment(sqlite.Quote(was.name)))
	b.WriteString(terminated(now.sql[:start] + temp + now.sql[end:]))
	switch {
	case len(into) == 0:
		fmt.Fprintf(&b, "-- Loses all rows: no column is in both.\n")
	case lost != nil:
		fmt.Fprintf(&b, "-- Loses what is in the columns %s.\n", comment(strings.Join(lost, ", ")))
	}
	if len(into) > 0 { // OR ABORT: an ON CONFLICT of the table could leave rows out
		fmt.Fprintf(&b, "INSERT OR ABORT INTO %s (%s)\nSELECT %s FROM %s;\n", temp, strings.Join(into, ", "), strings.Join(from, ", "), sqlite.Quote(was.name))
	}
	if now.sequence {
		name := sqlite.String(now.spare(schema))
		fmt.Fprintf(&b, "DELETE FROM sqlite_sequence WHERE name = %s;\n", name)
		fmt.Fprintf(&b, "INSERT INTO sqlite_sequence (name, seq) SELECT %s, seq FROM sqlite_sequence WHERE name = %s COLLATE NOCASE;\n", name, sqlite.String(was.name))
	}
	fmt.Fprintf(&b, "DROP TABLE %s;\n", sqlite.Quote(was.name))
	// Else SQLite refuses, as views and triggers name a table that is not there.
	fmt.Fprintf(&b, "PRAGMA legacy_alter_table = ON;\nALTER TABLE %s RENAME TO %s;\nPRAGMA legacy_alter_table = OFF;\n", temp, sqlite.Quote(now.name))
	if err := fits(ctx, schema, b.String(), again); err != nil {
		return "", fmt.Errorf("rebuild %s: %w", table, err)
	}
	for _, o := range again {
		b.WriteString(terminated(o.SQL))
	}
	return b.String(), nil
}

// definition is what SQLite makes of a CREATE TABLE.
type definition struct {
	name, sql    string
	columns      []field
	key          []string // the columns of the primary key that stands for the rowid, or replaces it; else nil
	withoutRowid bool
	sequence     bool // AUTOINCREMENT
}

type field struct {
	name      string
	generated bool
	fallback  string // its default, an expression
	notNull   bool
}

// definitions reads how a table of schema is defined, and how it is to be.
func definitions(ctx context.Context, schema []Object, table, newSQL string) (was, now *definition, err error) {
	i := slices.IndexFunc(schema, func(o Object) bool { return o.key() == [2]string{"table", strings.ToLower(table)} })
	switch {
	case i < 0:
		return nil, nil, fault.Of(fault.ErrRefused, "there is no such table")
	case isVirtual(schema[i].SQL):
		return nil, nil, fault.Of(fault.ErrRefused, "it is a virtual table, of which only its module knows the content")
	}
	if was, err = define(ctx, schema[i].SQL); err != nil {
		return nil, nil, err
	}
	if !split.Begins([]byte(newSQL), "CREATE") && strings.TrimSpace(newSQL) != "" { // a word that no column begins with
		start, end, ok := split.Columns([]byte(was.sql))
		if !ok {
			return nil, nil, fault.Of(fault.ErrRefused, "its definition cannot be read: %s", firstLine(was.sql))
		}
		newSQL = was.sql[:start] + "\n    " + strings.TrimSpace(newSQL) + "\n" + was.sql[end:]
	}
	if now, err = define(ctx, newSQL); err != nil {
		return nil, nil, err
	}
	if !strings.EqualFold(now.name, was.name) {
		return nil, nil, fault.Of(fault.ErrRefused, "the new definition is of the table %s", now.name)
	}
	return was, now, nil
}

// define makes a table in a database in memory, and looks.
func define(ctx context.Context, sql string) (*definition, error) {
	_, _, name, ok := split.Table([]byte(sql))
	if !ok {
		return nil, fault.Of(fault.ErrRefused, "its definition is no CREATE TABLE: %s", firstLine(sql))
	}
	c, err := sqlite.Open(ctx, ":memory:", sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Exec(sql); err != nil {
		return nil, err
	}
	d := &definition{name: name}
	if d.sql, err = c.Text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", name); err != nil {
		return nil, err
	}
	err = c.Query(func(s *sqlite.Stmt) error {
		d.columns = append(d.columns, field{s.Text(0), s.Int(1) != 0, s.Text(2), s.Int(3) != 0})
		return nil
	}, `SELECT name, hidden, dflt_value, "notnull" FROM pragma_table_xinfo(?)`, name)
	if err != nil {
		return nil, err
	}
	n, err := c.Int("SELECT wr FROM pragma_table_list WHERE name = ?", name)
	if err != nil {
		return nil, err
	}
	d.withoutRowid = n == 1
	// A primary key of a table with rowids has an index, unless it is the rowid.
	err = c.Query(func(s *sqlite.Stmt) error {
		d.key = append(d.key, s.Text(0))
		return nil
	}, `SELECT name FROM pragma_table_info(?1) WHERE pk > 0
		AND (?2 OR NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk')) ORDER BY pk`, name, n)
	if err != nil {
		return nil, err
	}
	n, err = c.Int("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'")
	d.sequence = n == 1
	return d, err
}

func (d *definition) column(name string) *field {
	for i, c := range d.columns {
		if strings.EqualFold(c.name, name) {
			return &d.columns[i]
		}
	}
	return nil
}

// rowid is a name for the rowid in both tables; "" if one has none, or none that
// a column has not taken.
func (d *definition) rowid(other *definition) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !d.withoutRowid && !other.withoutRowid && d.column(name) == nil && other.column(name) == nil {
			return name
		}
	}
	return ""
}

// spare is a name that the schema does not have yet.
func (d *definition) spare(schema []Object) string {
	name := d.name + "_rebuilt"
	for slices.ContainsFunc(schema, func(o Object) bool { return strings.EqualFold(o.Name, name) }) {
		name += "_"
	}
	return name
}

// lookup finds what belongs to a name, which has no case.
func lookup(values map[string]string, name string) (string, bool) {
	for n, v := range values {
		if strings.EqualFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// comment is what may be said in a comment.
func comment(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
