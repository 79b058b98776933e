// The names of the tables of an attached database for a reader: o.people.

package loss

import (
	"slices"
	"strings"
)

// In is the content as that of a database which is attached by the name of a schema: the
// names of all objects begin with it and a dot. Sequences are left out. It is the content
// itself if schema is "".
func (c Content) In(schema string) Content {
	if schema == "" {
		return c
	}
	list := slices.Clone(c.Schema)
	for i := range list {
		list[i].Name, list[i].Table = schema+"."+list[i].Name, schema+"."+list[i].Table
	}
	tables := make(map[string]*Table, len(c.Tables))
	for name, t := range c.Tables {
		named := *t
		named.Name, named.schema = schema+"."+t.Name, schema
		tables[strings.ToLower(schema)+"."+name] = &named
	}
	return Content{Schema: list, Tables: tables}
}

// bare is the name by which other tables of the same database refer to it.
func (t *Table) bare() string {
	if t.schema == "" {
		return t.Name
	}
	return t.Name[len(t.schema)+1:]
}

// In is the Trace with the names of [Content.In], only to be read; nil if t is nil.
func (t *Trace) In(schema string) *Trace {
	if t == nil {
		return nil
	}
	prefix := strings.ToLower(schema) + "."
	named := Trace{Blind: t.Blind, alters: t.alters, touched: prefixed(t.touched, prefix), dropped: prefixed(t.dropped, prefix), was: prefixed(t.was, prefix),
		now: prefixed(t.now, prefix), first: prefixed(t.first, prefix), columnWas: map[[2]string]string{}, rows: prefixed(t.rows, prefix), places: prefixed(t.places, prefix)}
	for table, was := range named.was {
		named.was[table] = prefix + was
	}
	for key, was := range t.columnWas {
		named.columnWas[[2]string{prefix + key[0], key[1]}] = was
	}
	return &named
}

// prefixed is of with prefix before each key.
func prefixed[V any](of map[string]V, prefix string) map[string]V {
	named := make(map[string]V, len(of))
	for name, v := range of {
		named[prefix+name] = v
	}
	return named
}
