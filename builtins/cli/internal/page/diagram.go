package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastmigrate/core/schema"
)

// Sizes in the units of the picture.
const (
	letter, line, head = 7.23, 18.0, 26.0
	gapX, gapY         = 56.0, 22.0
	lane               = 10.0 // between a table and an edge that passes it
	margin             = 4.0
	maxColumns         = 24     // columns drawn of one table
	maxTables          = 40     // with more tables, only those that changed and their neighbours are drawn
	maxWidth           = 1150.0 // of what has more than minLayers
	maxHeight          = 1150.0 // of a layer, if there is room for more of them
	minLayers          = 3
)

// diagram is a schema as it is drawn: tables in layers, most to the right of those that
// they refer to.
type diagram struct {
	When          string // before or after
	Width, Height float64
	Boxes         []*box
	Edges         []edge
	Hidden        int // tables that are not drawn

	byName map[string]*box // in lower case
	links  []link
	layers [][]*box // what has links, from left to right; passages too
	alone  []*box
}

type box struct {
	Name, Mark string // Mark: added, removed, changed or ""
	X, Y, W, H float64
	Rows       []row
	table      schema.Table
	layer      int
	beside     [2][]*box // what it has links to in the layers on its left and right
}

type row struct {
	Name, Type, Mark string
	Key, Foreign     bool
	Y                float64 // of the text's line
}

// edge is a foreign key as it is drawn: a line, and the arrow at its end.
type edge struct{ Path, Tip, Mark string }

// draw draws the tables of a schema, before or after the migrations, and marks the
// differences from the other.
func draw(when string, list, other []schema.Object) *diagram {
	d, only := &diagram{When: when, byName: map[string]*box{}}, "added"
	if when == "before" {
		only = "removed"
	}
	tables, others := schema.Tables(list), map[string]schema.Table{}
	for _, t := range schema.Tables(other) {
		others[strings.ToLower(t.Name)] = t
	}
	changed := map[string]bool{}
	for _, c := range schema.Compare(list, other) {
		if c.Type == "table" {
			changed[strings.ToLower(c.Name)] = true
		}
	}
	for _, t := range tables {
		b := &box{Name: t.Name, table: t}
		twin, found := others[strings.ToLower(t.Name)]
		if !found {
			b.Mark = only
		} else if changed[strings.ToLower(t.Name)] {
			b.Mark = "changed"
		}
		b.fill(twin, found, only)
		d.Boxes = append(d.Boxes, b)
		d.byName[strings.ToLower(t.Name)] = b
	}
	d.reduce(len(others))
	d.link()
	d.place()
	for _, l := range d.links {
		d.Edges = append(d.Edges, d.connect(l))
	}
	for _, b := range d.Boxes {
		for i := range b.Rows {
			b.Rows[i].Y = b.Y + head + float64(i)*line + line*0.72
		}
		d.Width, d.Height = max(d.Width, b.X+b.W+margin), max(d.Height, b.Y+b.H+margin)
	}
	return d
}

// Says is the diagram in words, for people who cannot see it.
func (d *diagram) Says() string {
	refers := map[*box][]string{}
	for _, l := range d.links {
		refers[l.child] = append(refers[l.child], l.parent.Name)
	}
	var list []string
	for _, b := range d.Boxes {
		text := b.Name
		if b.Mark != "" {
			text += " (" + b.Mark + ")"
		}
		if parents := slices.Compact(refers[b]); parents != nil {
			text += " refers to " + strings.Join(parents, ", ")
		}
		list = append(list, text)
	}
	return "Tables: " + strings.Join(list, "; ")
}

// Wide reports whether it is best printed in landscape.
func (d *diagram) Wide() bool { return d.Width > 700 && d.Width > 1.2*d.Height }

// fill puts the columns into the box, and gives it its size.
func (b *box) fill(twin schema.Table, found bool, only string) {
	widest := len([]rune(b.Name)) + 2
	for i, c := range b.table.Columns {
		if i == maxColumns {
			b.Rows = append(b.Rows, row{Name: fmt.Sprintf("… %d more", len(b.table.Columns)-i)})
			break
		}
		r := row{Name: c.Name, Type: c.Type, Key: c.Key}
		if c.Required && !c.Key {
			r.Type = strings.TrimSpace(r.Type + " NOT NULL")
		}
		r.Foreign = slices.ContainsFunc(b.table.Foreign, func(f schema.ForeignKey) bool { return slices.Contains(f.From, c.Name) })
		if found {
			j := slices.IndexFunc(twin.Columns, func(t schema.Column) bool { return strings.EqualFold(t.Name, c.Name) })
			if j < 0 {
				r.Mark = only
			} else if t := twin.Columns[j]; !strings.EqualFold(t.Type, c.Type) || t.Key != c.Key || t.Required != c.Required {
				r.Mark = "changed"
			}
		}
		b.Rows = append(b.Rows, r)
		widest = max(widest, len([]rune(r.Name))+len([]rune(r.Type))+4) // with a sign, and space between
	}
	b.W, b.H = float64(widest)*letter+16, head+float64(len(b.Rows))*line+6
}

// reduce leaves out tables that did not change and have no foreign key to or from one that
// did, if the schema or the other, which has so many tables, is large.
func (d *diagram) reduce(others int) {
	if max(len(d.Boxes), others) <= maxTables {
		return
	}
	near := map[*box]bool{}
	for _, b := range d.Boxes {
		if b.Mark != "" {
			near[b] = true
		}
		for _, f := range b.table.Foreign {
			if p := d.byName[strings.ToLower(f.Parent)]; p != nil && (p.Mark != "" || b.Mark != "") {
				near[p], near[b] = true, true
			}
		}
	}
	d.Hidden = len(d.Boxes) - len(near)
	d.Boxes = slices.DeleteFunc(d.Boxes, func(b *box) bool { return !near[b] })
	maps.DeleteFunc(d.byName, func(_ string, b *box) bool { return !near[b] })
}
