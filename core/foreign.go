package core

import (
	"errors"
	"fmt"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// foreignKeys finds the violations that a migration adds. It looks only where
// the migration wrote, and at what was violated before only if it must: on a
// large database both are slow.
type foreignKeys struct {
	x       *execution
	touched map[string]bool // tables written to, in lower case
	changed bool            // a table was dropped, altered or created
	renamed []renamed
	created map[string]bool // tables, in lower case
	known   map[string]int  // those there were before; nil if not looked for
}

// renamed is a table that got a name at a byte of the script.
type renamed struct {
	to string
	at int
}

// violated is the failure of a check. Without known, what it found may have been
// there before.
type violated struct {
	error
	known bool
}

func (e *violated) Unwrap() error { return e.error }

func (f *foreignKeys) begin() {
	f.touched, f.created, f.changed = map[string]bool{}, map[string]bool{}, false
}

func (f *foreignKeys) touch(table string, code int) {
	switch code {
	case sqlite.ActDropTable, sqlite.ActAlterTable, sqlite.ActCreateTable, sqlite.ActDropIndex:
		f.changed = true
	}
	if code == sqlite.ActCreateTable {
		f.created[strings.ToLower(table)] = true
	}
	if !f.touched[table] {
		f.touched[table] = true
		f.touched[strings.ToLower(table)] = true
	}
}

// rename notes that a table got the name to.
func (f *foreignKeys) rename(to string, at int) {
	f.touch(to, sqlite.ActAlterTable)
	f.renamed = append(f.renamed, renamed{to, at})
}

// violation is a row without its parent.
type violation struct {
	table, parent string
	row           string // which row, as far as it can be told
	key           string // what tells it from others, also after a rebuild
	err           error  // the foreign key itself is broken
}

func (v violation) Error() string {
	if v.err != nil {
		return v.err.Error()
	}
	return fmt.Sprintf("foreign key violated: %s of %s has no parent in %s", v.row, v.table, v.parent)
}

// check reports the first violation that was not there before.
func (f *foreignKeys) check() error {
	if len(f.touched) == 0 {
		return nil
	}
	return f.compare(f.concerned)
}

// checkAll is check for all tables.
func (f *foreignKeys) checkAll() error { return f.compare(everyTable) }

func everyTable(string, []string) bool { return true }

func (f *foreignKeys) compare(wanted func(table string, parents []string) bool) error {
	left := map[string]int{}
	if f.known != nil {
		wanted = everyTable // each of those known uses up its own
	}
	for k, n := range f.known {
		left[k] = n
	}
	var first *violation
	err := f.each(wanted, func(v violation) error {
		if left[v.key] > 0 {
			left[v.key]--
			return nil
		}
		first = &v
		return errStop
	})
	if err != nil && err != errStop || first == nil {
		return err
	}
	return &violated{newError(f.x.s.name, sayf(ErrForeignKey, "%s", first.Error())), f.known != nil}
}

// violations counts those there are, by what tells them from others.
func violations(c *sqlite.Conn) (map[string]int, error) {
	known := map[string]int{}
	f := foreignKeys{x: &execution{c: c}}
	return known, f.each(everyTable, func(v violation) error {
		known[v.key]++
		return nil
	})
}

var errStop = errors.New("stop")

// concerned reports whether the foreign keys of a table may have become
// violated: it was written to, or a parent was, or a parent is gone.
func (f *foreignKeys) concerned(table string, parents []string) bool {
	if f.touched[strings.ToLower(table)] {
		return true
	}
	for _, p := range parents {
		if f.touched[strings.ToLower(p)] {
			return true
		}
	}
	for _, p := range parents {
		if f.changed && !f.exists(p) {
			return true
		}
	}
	return false
}

func (f *foreignKeys) exists(table string) bool {
	n, err := f.x.c.Int("SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", table)
	return n > 0 || err != nil
}

// lost finds a table that refers to one that the migration renamed and then
// dropped, which makes it unusable even while it is empty.
func (f *foreignKeys) lost(table string, parents []string) error {
	for _, p := range parents {
		for _, r := range f.renamed {
			if strings.EqualFold(p, r.to) && !f.exists(p) {
				return f.x.s.at(r.at, sayf(ErrRefused, "with this, %s came to refer to %s, which is gone: create the new table under another name, copy, drop the old one, and rename the new one last", table, p))
			}
		}
	}
	return nil
}

// each calls found for every violation in the tables that are wanted.
func (f *foreignKeys) each(wanted func(table string, parents []string) bool, found func(violation) error) error {
	c := f.x.c
	type child struct {
		name    string
		parents []string
	}
	var children []child
	err := c.Query(func(s *sqlite.Stmt) error {
		if name := s.Text(0); len(children) == 0 || children[len(children)-1].name != name {
			children = append(children, child{name: name})
		}
		last := &children[len(children)-1]
		last.parents = append(last.parents, s.Text(1))
		return nil
	}, `SELECT m.name, f."table" FROM main.sqlite_master m JOIN pragma_foreign_key_list(m.name, 'main') f
		WHERE m.type = 'table' AND instr(upper(m.sql), 'REFERENCES') ORDER BY m.rowid`)
	if err != nil {
		return err
	}
	for _, t := range children {
		if err := f.lost(t.name, t.parents); err != nil {
			return err
		}
		if !wanted(t.name, t.parents) {
			continue
		}
		err := c.Query(func(s *sqlite.Stmt) error {
			v := violation{table: s.Text(0), parent: s.Text(2)}
			if err := f.describe(&v, s.Value(1), s.Int(3)); err != nil {
				return err
			}
			return found(v)
		}, "SELECT * FROM pragma_foreign_key_check(?, 'main')", t.name)
		var e *sqlite.Error
		if errors.As(err, &e) && e.Code == 1 { // foreign key mismatch: its parent is not unique
			if err = nil; !f.created[strings.ToLower(t.name)] {
				err = found(violation{table: t.name, key: e.Msg, err: e})
			} else {
				f.x.o.log().Warn(f.x.s.name + ": " + e.Msg + ": what it refers to has to be a primary key or unique")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// describe names the row, and makes its key of the values that miss a parent:
// neither row numbers nor names and types survive every rebuild.
func (f *foreignKeys) describe(v *violation, rowid any, id int64) error {
	var columns []string
	err := f.x.c.Query(func(s *sqlite.Stmt) error {
		columns = append(columns, `"`+strings.ReplaceAll(s.Text(0), `"`, `""`)+`"`)
		return nil
	}, `SELECT "from" FROM pragma_foreign_key_list(?, 'main') WHERE id = ? ORDER BY seq`, v.table, id)
	if err != nil {
		return err
	}
	v.row, v.key = "a row", ""
	if rowid == nil {
		return nil // WITHOUT ROWID: only their number tells
	}
	v.row = fmt.Sprintf("row %v", rowid)
	table := quoted(v.table)
	return f.x.c.Query(func(s *sqlite.Stmt) error {
		var values []string
		for i := range columns {
			values = append(values, fmt.Sprintf("%s = %s", strings.Trim(columns[i], `"`), literal(s.Value(i))))
			v.key += fmt.Sprintf("\x00%v", s.Value(i))
		}
		v.row += " (" + strings.Join(values, ", ") + ")"
		return nil
	}, "SELECT "+strings.Join(columns, ", ")+" FROM main."+table+" WHERE "+f.rowid(v.table)+" = ?", rowid)
}

// rowid is a name for the row number that no column of the table has
// (https://sqlite.org/lang_createtable.html#rowid).
func (f *foreignKeys) rowid(table string) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		n, err := f.x.c.Int("SELECT count(*) FROM pragma_table_info(?, 'main') WHERE name = ? COLLATE NOCASE", table, name)
		if err == nil && n == 0 {
			return name
		}
	}
	return "NULL"
}

// literal is a value as SQL would write it, cut short.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		if r := []rune(v); len(r) > 40 {
			v = string(r[:40]) + "…"
		}
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case []byte:
		return fmt.Sprintf("x'%.20x'", v)
	}
	return fmt.Sprint(v)
}
