// What becomes of tables in a transaction: they are created, renamed and dropped.

package foreign

import (
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// Lineage is what a transaction did to tables, by the names that they have now. All
// names are in lower case. The zero value knows nothing: see [Lineage.Begin].
type Lineage struct {
	seen     bool              // whether it is known
	origins  map[string]string // names before, by those now
	created  map[string]bool   // by the names now
	dropped  map[string]bool   // by the names before
	NextName string            // the name that the next statement gives a table
}

// Begin begins a transaction, in which no table has changed yet.
func (l *Lineage) Begin() {
	*l = Lineage{seen: true, origins: map[string]string{}, created: map[string]bool{}, dropped: map[string]bool{}}
}

// Touch notes what a statement does to a table; code is that of a [sqlite.Action].
func (l *Lineage) Touch(table string, code int) {
	switch code {
	case sqlite.ActCreateTable:
		l.created[table] = true
		delete(l.origins, table)
	case sqlite.ActDropTable:
		if !l.created[table] {
			l.dropped[l.Was(table)] = true
		}
		delete(l.created, table)
		delete(l.origins, table)
	case sqlite.ActAlterTable:
		if to := l.NextName; to != "" && to != table {
			if l.created[table] {
				l.created[to] = true
			} else {
				l.origins[to] = l.Was(table)
				delete(l.created, to)
			}
			delete(l.created, table)
			delete(l.origins, table)
		}
		l.NextName = ""
	}
}

// Was is the name that a table had before the transaction; that of a new table is its
// own.
func (l *Lineage) Was(table string) string {
	table = strings.ToLower(table)
	if was, ok := l.origins[table]; ok {
		return was
	}
	return table
}

// same reports whether the table is the one of before, with its rows.
func (l *Lineage) same(table string) bool {
	table = strings.ToLower(table)
	return l.seen && !l.created[table] && !l.dropped[l.Was(table)]
}
