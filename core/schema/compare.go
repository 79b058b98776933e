// When two schemas are the same: if SQLite reads the same in both, whatever the order and
// the spelling. If that is not certain, they differ.

package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/visible"
)

// SameSQL reports whether two scripts have the same statements, in any order. It ignores
// white space, comments, the case of keywords and of types, and quotes around a name that
// needs none, except in CREATE VIRTUAL TABLE, whose arguments only its module
// understands.
func SameSQL(a, b string) bool {
	statements := func(text string) (list []string) {
		sc := split.New([]byte(text))
		for st, ok := sc.Next(); ok; st, ok = sc.Next() {
			sql := text[st.Start:st.End]
			if st.Terminated {
				sql = strings.TrimSuffix(sql, ";")
			}
			list = append(list, sql)
		}
		slices.SortStableFunc(list, func(a, b string) int {
			return cmp.Or(cmp.Compare(folded(a), folded(b)), cmp.Compare(a, b))
		})
		return list
	}
	return slices.EqualFunc(statements(a), statements(b), sameSpelling)
}

// sameSpelling is [SameSQL] for two single statements.
func sameSpelling(a, b string) bool {
	if a == b {
		return true
	}
	if isVirtual(a) || isVirtual(b) {
		return strings.TrimSpace(a) == strings.TrimSpace(b)
	}
	return split.Same([]byte(a), []byte(b), sqlite.Words)
}

// folded is equal for all statements that sameSpelling takes for the same.
func folded(sql string) string {
	if isVirtual(sql) {
		return strings.TrimSpace(sql)
	}
	return split.Fold([]byte(sql), sqlite.Words)
}

func isVirtual(sql string) bool {
	m := create.FindStringSubmatch(sql)
	return m != nil && strings.EqualFold(m[1][:min(7, len(m[1]))], "virtual")
}

// Virtual reports whether the object is a virtual table. Only its module can read its
// rows.
func (o Object) Virtual() bool { return isVirtual(o.SQL) }

// Change is an object that differs between two schemas.
type Change struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Before string `json:"before"` // its SQL in the first schema; "" if it is only in the second
	After  string `json:"after"`  // its SQL in the second schema; "" if it is only in the first
}

// String returns "table users added", "index users_name removed", or "table users
// changed" with both texts.
func (c Change) String() string {
	what := c.Type + " " + visible.Name(c.Name)
	switch {
	case c.Before == "":
		return what + " added"
	case c.After == "":
		return what + " removed"
	}
	return fmt.Sprintf("%s changed from\n%s\nto\n%s", what, visible.Text(c.Before), visible.Text(c.After))
}

// Compare returns the objects that differ between the schemas a and b, by the rules of
// [SameSQL]: first those in a, then those only in b; nil if there are none.
func Compare(a, b []Object) (changes []Change) {
	index := func(list []Object) map[[2]string]Object {
		m := map[[2]string]Object{}
		for _, o := range list {
			m[o.Key()] = o
		}
		return m
	}
	in, other := index(a), index(b)
	for _, o := range a {
		if twin := other[o.Key()]; !sameSpelling(twin.SQL, o.SQL) {
			changes = append(changes, Change{o.Type, o.Name, o.SQL, twin.SQL})
		}
	}
	for _, o := range b {
		if _, ok := in[o.Key()]; !ok {
			changes = append(changes, Change{o.Type, o.Name, "", o.SQL})
		}
	}
	return changes
}

// Key identifies an object in a schema: its type, and its name in lower case.
func (o Object) Key() [2]string { return [2]string{o.Type, strings.ToLower(o.Name)} }
