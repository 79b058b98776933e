// The tables with foreign keys, kept from one transaction to the next.

package foreign

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// Children are the tables of a database that have foreign keys, for the only connection that
// changes the schema: it must call [Children.Touch] for its changes. So a run of many
// migrations need not read the whole schema after each.
type Children struct {
	list  []catalog.Child
	about map[string][]int // of the list, by the name of the table itself or of a parent, in lower case
	made  []string         // tables created since
	stale bool             // the list must be read again
}

// ReadChildren reads them.
func ReadChildren(c *sqlite.Conn) (*Children, error) {
	k := &Children{stale: true}
	return k, k.renew(c)
}

// Touch notes what a statement does to a table; code is that of a [sqlite.Action]. A nil
// Children takes no notice.
func (k *Children) Touch(table string, code int) {
	switch {
	case k == nil:
	case code == sqlite.ActCreateTable:
		k.made = append(k.made, table)
	case code == sqlite.ActDropTable, code == sqlite.ActAlterTable: // which changes those that refer to it too
		k.stale = true
	}
}

// renew takes up what was done since.
func (k *Children) renew(c *sqlite.Conn) error {
	if k.stale {
		list, err := catalog.Children(c)
		if err != nil {
			return err
		}
		*k = Children{about: map[string][]int{}}
		for _, t := range list {
			k.add(t)
		}
		return nil
	}
	for _, name := range k.made {
		t := catalog.Child{Name: name}
		err := c.Query(func(s *sqlite.Stmt) error {
			t.Parents = append(t.Parents, s.Text(2))
			return nil
		}, "PRAGMA main.foreign_key_list("+sqlite.Quote(name)+")") // much cheaper to compile than a SELECT from it
		if err != nil {
			return err
		}
		if t.Parents != nil {
			k.add(t)
		}
	}
	k.made = nil
	return nil
}

func (k *Children) add(t catalog.Child) {
	at := len(k.list)
	k.list = append(k.list, t)
	for _, name := range append([]string{t.Name}, t.Parents...) {
		name = strings.ToLower(name)
		if of := k.about[name]; len(of) == 0 || of[len(of)-1] != at {
			k.about[name] = append(of, at)
		}
	}
}

// concerning lists those that are one of the tables, whose names are in lower case, or refer
// to one.
func (k *Children) concerning(tables map[string]int) (list []catalog.Child) {
	var places []int
	for name := range tables {
		places = append(places, k.about[name]...)
	}
	slices.Sort(places)
	for _, at := range slices.Compact(places) {
		list = append(list, k.list[at])
	}
	return list
}
