package loss

import (
	"strings"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/schema"
)

// Changed returns the part of before and after that a migration may have changed: its tables
// with their indexes and triggers, and the tables to which their foreign keys refer. What is
// left out is the same in both ([Table.CountedBefore]), so that what compares the parts finds
// what it would find in the whole.
func Changed(before, after Content) (was, is Content) {
	wanted := map[string]bool{} // by names in lower case
	for name, t := range after.Tables {
		if !t.carried {
			wanted[name] = true
		}
	}
	for name := range before.Tables {
		if after.Tables[name] == nil {
			wanted[name] = true
		}
	}
	had := map[[2]string]schema.Object{}
	for _, o := range before.Schema {
		had[o.Key()] = o
	}
	for _, o := range after.Schema {
		if old, ok := had[o.Key()]; !ok || old != o {
			wanted[strings.ToLower(o.Table)] = true
		}
		delete(had, o.Key())
	}
	for _, o := range had {
		wanted[strings.ToLower(o.Table)] = true
	}
	var parents []string
	for name := range wanted {
		for _, c := range []Content{before, after} {
			if t := c.Tables[name]; t != nil {
				parents = append(parents, t.parents()...)
			}
		}
	}
	for _, name := range parents {
		wanted[name] = true
	}
	return before.of(wanted), after.of(wanted)
}

// parents are the tables to which the foreign keys of a table refer, in lower case.
func (t *Table) parents() (names []string) {
	d, _ := split.Define([]byte(t.SQL))
	for _, c := range d.Constraints {
		if c.Kind == split.References {
			names = append(names, strings.ToLower(c.Parent))
		}
	}
	return names
}

// of returns the part about some tables, by their names in lower case.
func (c Content) of(names map[string]bool) Content {
	part := Content{Tables: map[string]*Table{}, Sequences: c.Sequences}
	for name := range names {
		if t := c.Tables[name]; t != nil {
			part.Tables[name] = t
		}
	}
	for _, o := range c.Schema {
		if names[strings.ToLower(o.Table)] {
			part.Schema = append(part.Schema, o)
		}
	}
	return part
}
