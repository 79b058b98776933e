// The script that gives a table another definition, by rebuilding the table, for changes
// that ALTER TABLE cannot make (https://sqlite.org/lang_altertable.html#otheralter). The
// invariant: everything about the table that is not asked to change stays as it is.

package schema

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Rebuild returns the script that rebuilds a table of schema as the CREATE TABLE statement
// in newSQL defines it, with its indexes and triggers in schema. newSQL can also be only
// the text between the parentheses of that statement; then STRICT and WITHOUT ROWID stay
// unchanged. The table keeps its rows, with their rowids if they have any, and the
// sequence of AUTOINCREMENT; views, triggers and foreign keys elsewhere that name the
// table stay too. A comment in the script lists the columns that are lost.
//
// A new column gets the values of the old column with its name, or else its default. The
// map values has other expressions over the old table, by the name of the new column; it
// may be nil. Run the script in a transaction that does not enforce foreign keys, such as
// that of a migration. Rebuild tries it on the schema, but not on any rows.
//
// Errors: [fault.ErrRefused] if schema has no such table, if it is virtual, if newSQL is
// for another table or lacks a column of values, if an index, a trigger, a view or a
// foreign key elsewhere needs something that is gone; what SQLite reports about newSQL.
func Rebuild(ctx context.Context, schema []Object, table, newSQL string, values map[string]string) (string, error) {
	was, now, err := definitions(ctx, schema, table, newSQL)
	if err != nil {
		return "", fmt.Errorf("rebuild %s: %w", table, err)
	}
	for name := range values {
		if c := now.column(name); c == nil || c.Generated {
			return "", fmt.Errorf("rebuild %s: %w", table, fault.Of(fault.ErrRefused, "the new table has no column %s that can be set", name))
		}
	}
	temp := sqlite.Quote(now.spare(schema))
	start, end, _, _ := split.Table([]byte(now.sql))
	var into, from, lost []string
	if id := was.rowid(now); id != "" && was.key == nil && now.key == nil {
		into, from = []string{id}, []string{id}
	}
	for _, c := range now.columns {
		value, given := lookup(values, c.Name)
		if !given && was.column(c.Name) != nil {
			value = sqlite.Quote(c.Name)
		}
		if value != "" && !c.Generated {
			into, from = append(into, sqlite.Quote(c.Name)), append(from, value)
		}
	}
	for _, c := range was.columns {
		if !c.Generated && now.column(c.Name) == nil {
			lost = append(lost, sqlite.Quote(c.Name))
		}
	}
	var again []Object
	for _, o := range schema {
		if (o.Type == "index" || o.Type == "trigger") && strings.EqualFold(o.Table, table) {
			again = append(again, o)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- Rebuilds the table %s (https://sqlite.org/lang_altertable.html#otheralter).\n", sqlite.Comment(sqlite.Quote(was.name)))
	b.WriteString(terminated(now.sql[:start] + temp + now.sql[end:]))
	switch {
	case len(into) == 0:
		fmt.Fprintf(&b, "-- Loses all rows: no column is in both.\n")
	case lost != nil:
		fmt.Fprintf(&b, "-- Loses the values of the columns %s.\n", sqlite.Comment(strings.Join(lost, ", ")))
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
	if err := checkRest(ctx, schema, b.String(), again); err != nil {
		return "", fmt.Errorf("rebuild %s: %w", table, err)
	}
	for _, o := range again {
		b.WriteString(terminated(o.SQL))
	}
	return b.String(), nil
}

// Reconcile is like [Rebuild], for a table that some databases have as in schema, and
// others as in newSQL: in those, a column that schema does not have keeps its values.
// Errors: those of [Rebuild]; [fault.ErrRefused] if the rows of the two tables cannot be
// matched.
func Reconcile(ctx context.Context, schema []Object, table, newSQL string) (string, error) {
	was, now, err := definitions(ctx, schema, table, newSQL)
	if err != nil {
		return "", fmt.Errorf("table %s: %w", table, err)
	}
	old, row := sqlite.Quote(was.name), sqlite.Quote(now.spare(schema))
	var same []string // what tells that a row of row is the one of table
	if id := was.rowid(now); id != "" {
		same = []string{row + "." + id + " = " + old + "." + id}
	} else if was.withoutRowid && now.withoutRowid && slices.EqualFunc(was.key, now.key, strings.EqualFold) {
		for _, k := range now.key {
			same = append(same, row+"."+sqlite.Quote(k)+" = "+old+"."+sqlite.Quote(k))
		}
	}
	values, note := map[string]string{}, ""
	for _, c := range now.columns {
		if c.Generated || was.column(c.Name) != nil {
			continue
		}
		if same == nil {
			return "", fault.Of(fault.ErrRefused, "table %s: a migration for both cannot find its rows again to keep the column %s", table, c.Name)
		}
		// Where the table has no such column, SQLite takes the name for that of the
		// query around (https://sqlite.org/lang_select.html): the default.
		name, fallback := sqlite.Quote(c.Name), c.Default
		if fallback == "" {
			if c.NotNull {
				note += fmt.Sprintf("-- Fails if the table %s has rows and does not yet have the column %s, which is NOT NULL\n-- without a default.\n", sqlite.Comment(old), sqlite.Comment(name))
			}
			fallback = "NULL"
		}
		values[c.Name] = fmt.Sprintf("(SELECT (SELECT %s FROM %s AS %s WHERE %s) FROM (SELECT (%s) AS %s))",
			name, old, row, strings.Join(same, " AND "), fallback, name)
	}
	sql, err := Rebuild(ctx, schema, table, newSQL, values)
	if err != nil {
		err = fmt.Errorf("no migration is written, because it would not work: %w", err)
	}
	return note + sql, err
}

// definition is what SQLite makes of a CREATE TABLE.
type definition struct {
	name, sql    string
	columns      []catalog.Column
	key          []string // the columns of the primary key that stands for the rowid, or replaces it; else nil
	withoutRowid bool
	sequence     bool // AUTOINCREMENT
}

// definitions reads the current definition of a table of schema, and the new one.
func definitions(ctx context.Context, schema []Object, table, newSQL string) (was, now *definition, err error) {
	i := slices.IndexFunc(schema, func(o Object) bool { return o.Key() == [2]string{"table", strings.ToLower(table)} })
	switch {
	case i < 0:
		return nil, nil, fault.Of(fault.ErrRefused, "there is no such table")
	case schema[i].Virtual():
		return nil, nil, fault.Of(fault.ErrRefused, "it is a virtual table, and only its module knows the content")
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
		return nil, nil, fault.Of(fault.ErrRefused, "the new definition is for the table %s", now.name)
	}
	return was, now, nil
}

// define makes a table in a database in memory, and looks.
func define(ctx context.Context, sql string) (*definition, error) {
	_, _, name, ok := split.Table([]byte(sql))
	if !ok {
		return nil, fault.Of(fault.ErrRefused, "its definition is not a CREATE TABLE: %s", firstLine(sql))
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
	if d.columns, err = catalog.Columns(c, name); err != nil {
		return nil, err
	}
	t, _, err := catalog.Find(c, name)
	if err != nil {
		return nil, err
	}
	indexes, err := catalog.Indexes(c, name)
	if err != nil {
		return nil, err
	}
	d.withoutRowid = t.WithoutRowid
	// A primary key of a table with rowids has an index, unless it is the rowid.
	if d.withoutRowid || !slices.ContainsFunc(indexes, func(i catalog.Index) bool { return i.Primary }) {
		d.key = catalog.PrimaryNames(d.columns)
	}
	n, err := c.Int("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'")
	d.sequence = n == 1
	return d, err
}

func (d *definition) column(name string) *catalog.Column {
	for i, c := range d.columns {
		if strings.EqualFold(c.Name, name) {
			return &d.columns[i]
		}
	}
	return nil
}

// rowid is a name for the rowid in both tables; "" if one has none, or none that
// a column has not taken.
func (d *definition) rowid(other *definition) string {
	if d.withoutRowid || other.withoutRowid {
		return ""
	}
	return catalog.Rowid(slices.Concat(d.columns, other.columns)...)
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
