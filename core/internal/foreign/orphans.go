// How a violation is found again after a migration. A row keeps its identity when its
// table is renamed or rebuilt; another row with the same value does not get it.

package foreign

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Orphans are the violations before a migration.
type Orphans struct {
	tables map[string]bool   // all tables, in lower case
	Of     map[string]*Child // the tables with violations, by their names in lower case
}

// Orphan is a row without its parent, or a foreign key that refers to columns that are
// not unique.
type Orphan struct {
	Key      int // place in Child.Keys
	Mismatch bool
	rowid    int64
	cells    []uint64 // of all columns
	renewed  bool     // its number was given to a row that was inserted since
	used     bool     // a row was found to be this one
	Charged  bool     // it was added by a script that may not
}

// cell is a value in 64 bits, of which the last two are its type.
func cell(v any) uint64 {
	text, kind := "", uint64(1)
	switch v := v.(type) {
	case nil:
		return 0
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		text, kind = v, 2
	case []byte:
		text, kind = string(v), 3
	}
	return maphash.String(seed, text)&^3 | kind
}

var seed = maphash.MakeSeed()

// ReadOrphans reads the violations of a database.
func ReadOrphans(c *sqlite.Conn) (*Orphans, error) {
	k := &Orphans{map[string]bool{}, map[string]*Child{}}
	err := c.Query(func(s *sqlite.Stmt) error {
		k.tables[strings.ToLower(s.Text(0))] = true
		return nil
	}, "SELECT name FROM main.sqlite_schema WHERE type = 'table'")
	if err != nil {
		return k, err
	}
	f := Keys{Conn: c}
	return k, f.Each(EveryTable, func(v Violation) error {
		k.Of[strings.ToLower(v.Child.Name)] = v.Child
		v.Child.Orphans = append(v.Child.Orphans, v.Orphan)
		return nil
	})
}

// Reset forgets which violations were found again.
func (k *Orphans) Reset() {
	for _, t := range k.Of {
		for _, o := range t.Orphans {
			o.used = false
		}
	}
}

// Inserted notes that a row was inserted into a table, given in lower case: it may have
// the number of one that is gone.
func (k *Orphans) Inserted(table string, rowid int64) {
	t := k.Of[table]
	if t == nil {
		return
	}
	if t.numbers == nil {
		t.numbers = map[int64][]*Orphan{}
		for _, o := range t.Orphans {
			t.numbers[o.rowid] = append(t.numbers[o.rowid], o)
		}
	}
	for _, o := range t.numbers[rowid] {
		o.renewed = true
	}
}

// Search finds violations of a table again among those before.
type Search struct {
	pairs   []pairing
	found   map[string][]*Orphan
	numbers bool // rows still have their numbers
}

// pairing is a table before the migration and one that it may be now.
type pairing struct{ before, now side }

// side is one table of a pairing, described so that both can be compared.
type side struct {
	*Child
	keys  []string // names of the foreign keys, equal on both sides for the same key
	row   []int    // columns that tell a row from others
	loose []bool   // columns of another type than on the other side: 1 may be '1' there
}

// Search prepares to find the violations of a table again. A table with a name that
// existed before can only be that one; a new table, only one that is gone.
func (f *Keys) Search(now *Child) (*Search, error) {
	l := &Search{found: map[string][]*Orphan{}, numbers: f.Lineage.same(now.Name)}
	was := f.Lineage.Was(now.Name)
	gone := map[string]bool{}
	for name := range f.Known.Of {
		gone[name] = true
	}
	err := f.Conn.Query(func(s *sqlite.Stmt) error {
		delete(gone, f.Lineage.Was(s.Text(0)))
		return nil
	}, "SELECT name FROM main.sqlite_schema WHERE type = 'table'")
	for name, t := range f.Known.Of {
		if name == was || !f.Known.tables[was] && gone[name] {
			p := f.pair(t, now)
			l.pairs = append(l.pairs, p)
			for _, o := range t.Orphans {
				for _, k := range p.before.names(o, l.numbers) {
					l.found[k] = append(l.found[k], o)
				}
			}
		}
	}
	return l, err
}

// Take finds the violation before that o is, and does not give it again; nil if there is
// none.
func (l *Search) Take(o *Orphan) *Orphan {
	for _, p := range l.pairs {
		for _, k := range p.now.names(o, l.numbers) {
			for len(l.found[k]) > 0 && l.found[k][0].used { // there may be many alike
				l.found[k] = l.found[k][1:]
			}
			for _, was := range l.found[k] {
				if !was.used && !(was.renewed && k[0] == byNumber) {
					was.used = true
					return was
				}
			}
		}
	}
	return nil
}

const byNumber, byRow, byKey = 'n', 'r', 'k'

// names are the keys by which a violation can be found: its foreign key and the values
// without a parent, with the row or its number.
func (s side) names(o *Orphan, numbers bool) []string {
	key := s.keys[o.Key]
	if o.Mismatch {
		return []string{string(byKey) + key}
	}
	values := func(name []byte, columns []int) []byte {
		for _, i := range columns {
			v := o.cells[i]
			if s.loose[i] {
				v &^= 3
			}
			name = binary.BigEndian.AppendUint64(name, v)
		}
		return name
	}
	base := string(values([]byte(key+"\x00"), s.Child.Keys[o.Key].Columns))
	names := []string{string(byRow) + string(values([]byte(base), s.row))}
	if numbers && s.rowid != "" {
		names = append(names, string(byNumber)+string(binary.BigEndian.AppendUint64([]byte(base), uint64(o.rowid))))
	}
	return names
}

// pair compares a table before with one now. Columns match by their names, or else by
// their places.
func (f *Keys) pair(before, now *Child) pairing {
	b := side{Child: before, loose: make([]bool, len(before.Columns))}
	n := side{Child: now, loose: make([]bool, len(now.Columns))}
	to := make([]int, len(now.Columns)) // the column of before; -1: none
	left := map[int]bool{}
	for i := range before.Columns {
		left[i], b.loose[i] = true, true
	}
	for i, c := range now.Columns {
		to[i] = slices.IndexFunc(before.Columns, func(o catalog.Column) bool { return strings.EqualFold(o.Name, c.Name) })
		delete(left, to[i])
	}
	for i, c := range now.Columns {
		if to[i] < 0 && left[i] {
			to[i] = i
		}
		n.loose[i] = to[i] < 0 || !strings.EqualFold(before.Columns[to[i]].Type, c.Type)
		if to[i] >= 0 {
			b.loose[to[i]] = n.loose[i]
			if !c.Generated && !before.Columns[to[i]].Generated {
				b.row, n.row = append(b.row, to[i]), append(n.row, i)
			}
		}
	}
	primary := make([]int, len(now.primary))
	for i, c := range now.primary {
		primary[i] = to[c]
	}
	if len(primary) > 0 && slices.Equal(primary, before.primary) {
		b.row, n.row = primary, now.primary
	}
	for _, k := range before.Keys {
		b.keys = append(b.keys, fmt.Sprint(k.Columns, strings.ToLower(k.Parent)))
	}
	for _, k := range now.Keys {
		var columns []int
		for _, c := range k.Columns {
			columns = append(columns, to[c])
		}
		n.keys = append(n.keys, fmt.Sprint(columns, f.Lineage.Was(k.Parent)))
	}
	same := func(names, others []string) (out []string) {
		for _, name := range names {
			if !slices.Contains(others, name) {
				name = "?"
			}
			out = append(out, name)
		}
		return out
	}
	b.keys, n.keys = same(b.keys, n.keys), same(n.keys, b.keys)
	return pairing{b, n}
}
