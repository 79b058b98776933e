// Full-text tables that cannot be read, because their content lacks a table or a column, and the
// statement that took it away. It costs nothing where no table was altered or dropped.

package fulltext

import (
	"fmt"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Broken is the error of a full-text table that SQLite cannot read, whoever opens the
// database: what it reads of its content is not there.
type Broken struct {
	Of     Table
	Table  string // the table or view that does not exist; "" if it is a column
	Column string // that the content does not have; "" if it is a table
}

func (b *Broken) Error() string { return b.Of.Name + " cannot be read, because " + b.Lacks() }

// Lacks says what is missing.
func (b *Broken) Lacks() string {
	switch {
	case b.Column != "":
		return fmt.Sprintf("its content %s has no column %s", b.Of.Content, b.Column)
	case strings.EqualFold(b.Table, b.Of.Content):
		return fmt.Sprintf("its content %s does not exist", b.Of.Content)
	}
	return fmt.Sprintf("its content %s reads %s, which does not exist", b.Of.Content, b.Table)
}

// Mend says what to do about it.
func (b *Broken) Mend() string {
	return fmt.Sprintf("drop %s, or create it again with what its content is called now and run %s", b.Of.Name, b.Of.Rebuild())
}

// Finding says it of a migration that did it. It has no place yet.
func (b *Broken) Finding() finding.Finding {
	f := finding.New(finding.FTS, "with this, the full-text table %v", b)
	f.Why, f.Do = "Every query that reads its columns fails.", "In the same migration, "+b.Mend()+"."
	return f
}

// unreadable returns the error of reading the table: a [*Broken], or another for which
// [catalog.CannotCompile] is true if only its application can read it; nil if it can be read.
func (t Table) unreadable(c *sqlite.Conn) error {
	err := c.Exec("SELECT * FROM main." + sqlite.Quote(t.Name) + " LIMIT 1")
	if !catalog.CannotCompile(err) {
		return err
	}
	if name, ok := strings.CutPrefix(err.Error(), "no such table: "); ok {
		return &Broken{Of: t, Table: strings.TrimPrefix(name, "main.")}
	}
	if name, ok := strings.CutPrefix(err.Error(), "no such column: "); ok {
		return &Broken{Of: t, Column: strings.TrimPrefix(name, "T.")} // as FTS5 calls the content
	}
	return err
}

// Changes are the statements that altered or dropped tables and views. The zero value is
// ready.
type Changes struct {
	of map[string][]change // by the table, in lower case
	n  int
}

// change is one of them.
type change struct {
	Loss
	gone bool // the name was, after it
}

// Changed notes that a statement alters or drops a table or view; gone says that nothing has
// its name afterwards.
func (t *Changes) Changed(table string, l Loss, gone bool) {
	if t.of == nil {
		t.of = map[string][]change{}
	}
	t.n++
	l.number = t.n
	table = strings.ToLower(table)
	t.of[table] = append(t.of[table], change{l, gone})
}

// Break is a full-text table that a statement broke.
type Break struct {
	*Broken
	By Loss
}

// Breaks lists the full-text tables that cannot be read, and could before the changes, which
// it then forgets.
func (t *Changes) Breaks(c *sqlite.Conn) (breaks []Break, err error) {
	if t.n == 0 {
		return nil, nil
	}
	defer func() { *t = Changes{} }()
	list, err := Tables(c)
	for _, f := range list {
		err := f.unreadable(c)
		b, ok := err.(*Broken)
		switch {
		case err == nil || !ok && catalog.CannotCompile(err):
			continue
		case !ok:
			return nil, err
		}
		if by := t.cause(b); by.number > 0 {
			breaks = append(breaks, Break{b, by})
		}
	}
	return breaks, err
}

// cause is the last statement that took away what b lacks; its number is 0 if none did.
func (t *Changes) cause(b *Broken) (last Loss) {
	for table, list := range t.of {
		for _, l := range list {
			took := strings.EqualFold(table, b.Table)
			if b.Column != "" { // a view gives its columns other names if those of a table get them
				took = l.gone && strings.EqualFold(table, b.Of.Content) || l.mentions(b.Column)
			}
			if took && l.number > last.number {
				last = l.Loss
			}
		}
	}
	return last
}

// mentions reports whether the statement has a name, as far as that can be known.
func (l Loss) mentions(name string) bool {
	text := l.Script.Text
	if len(text) == 0 { // it is no SQL
		return true
	}
	st := l.Script.StatementAt(l.At, len(text))
	return split.Find(text[st.Start:st.End], name) >= 0
}
