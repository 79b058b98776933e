package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/schema"
)

// Sizes in the units of the picture.
const (
	letter, line, head = 7.3, 18.0, 26.0
	gapX, gapY         = 70.0, 22.0
	margin             = 4.0
	maxColumns         = 24  // columns drawn of one table
	maxTables          = 40  // with more tables, only those that changed and their neighbours are drawn
	maxWidth           = 960 // of a line of unconnected tables
)

// diagram is a schema as it is drawn: tables in layers, each to the right of those
// that it refers to.
type diagram struct {
	Width, Height float64
	Boxes         []*box
	Edges         []edge
	Hidden        int // tables that are not drawn
}

type box struct {
	Name, Mark string // Mark: added, removed, changed or ""
	X, Y, W, H float64
	Rows       []row
	table      schema.Table
	layer      int
}

type row struct {
	Name, Type, Mark string
	Key, Foreign     bool
	Y                float64 // of the text's line
}

type edge struct{ Path, Mark string }

// draw draws the tables of a schema and marks the differences from the other. The mark of
// a table or column that only this schema has is only: added or removed.
func draw(list, other []schema.Object, only string) diagram {
	var d diagram
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
	byName := map[string]*box{}
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
		byName[strings.ToLower(t.Name)] = b
	}
	d.reduce(byName)
	d.place(byName)
	for _, b := range d.Boxes {
		for _, f := range b.table.Foreign {
			if parent := byName[strings.ToLower(f.Parent)]; parent != nil {
				d.Edges = append(d.Edges, connect(b, parent, f))
			}
		}
	}
	for _, b := range d.Boxes {
		d.Width, d.Height = max(d.Width, b.X+b.W+gapX/2), max(d.Height, b.Y+b.H+margin)
	}
	return d
}

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
		widest = max(widest, len([]rune(r.Name))+len([]rune(r.Type))+5)
	}
	b.W, b.H = float64(widest)*letter+16, head+float64(len(b.Rows))*line+6
}

// reduce leaves out tables of a large schema that did not change and have no
// foreign key to or from one that did.
func (d *diagram) reduce(byName map[string]*box) {
	if len(d.Boxes) <= maxTables {
		return
	}
	near := map[*box]bool{}
	for _, b := range d.Boxes {
		if b.Mark != "" {
			near[b] = true
		}
		for _, f := range b.table.Foreign {
			if p := byName[strings.ToLower(f.Parent)]; p != nil && (p.Mark != "" || b.Mark != "") {
				near[p], near[b] = true, true
			}
		}
	}
	all := len(d.Boxes)
	d.Boxes = slices.DeleteFunc(d.Boxes, func(b *box) bool { return !near[b] })
	for name, b := range byName {
		if !near[b] {
			delete(byName, name)
		}
	}
	d.Hidden = all - len(d.Boxes)
}

// place gives each box its layer and its place in it: beside the tables that it refers
// to. Unconnected tables are placed below, in lines.
func (d *diagram) place(byName map[string]*box) {
	connected, open := map[*box]bool{}, map[*box]bool{}
	var depth func(b *box) int
	done := map[*box]bool{}
	depth = func(b *box) int {
		if done[b] || open[b] { // an open box closes a cycle
			return b.layer
		}
		open[b] = true
		for _, f := range b.table.Foreign {
			if p := byName[strings.ToLower(f.Parent)]; p != nil {
				connected[b], connected[p] = true, true
				if p != b && !open[p] {
					b.layer = max(b.layer, depth(p)+1)
				}
			}
		}
		open[b], done[b] = false, true
		return b.layer
	}
	var layers [][]*box
	var alone []*box
	for _, b := range d.Boxes {
		depth(b)
	}
	for _, b := range d.Boxes {
		if !connected[b] {
			alone = append(alone, b)
			continue
		}
		for len(layers) <= b.layer {
			layers = append(layers, nil)
		}
		layers[b.layer] = append(layers[b.layer], b)
	}
	x, bottom := margin, margin
	for i, list := range layers {
		if i > 0 { // in the order of the middle of the tables that they refer to
			slices.SortStableFunc(list, func(a, b *box) int { return cmp.Compare(a.middle(byName), b.middle(byName)) })
		}
		y, widest := margin, 0.0
		for _, b := range list {
			b.X, b.Y = x, y
			y, widest = y+b.H+gapY, max(widest, b.W)
		}
		x, bottom = x+widest+gapX, max(bottom, y)
	}
	limit, y, tallest := max(x, maxWidth), bottom, 0.0
	x = margin
	for _, b := range alone {
		if x > margin && x+b.W > limit {
			x, y, tallest = margin, y+tallest+gapY, 0
		}
		b.X, b.Y = x, y
		x, tallest = x+b.W+gapY, max(tallest, b.H)
	}
	for _, b := range d.Boxes {
		for i := range b.Rows {
			b.Rows[i].Y = b.Y + head + float64(i)*line + line*0.72
		}
	}
}

// middle is the average height of the tables that b refers to.
func (b *box) middle(byName map[string]*box) (sum float64) {
	n := 0.0
	for _, f := range b.table.Foreign {
		if p := byName[strings.ToLower(f.Parent)]; p != nil && p.layer < b.layer {
			sum, n = sum+p.Y+p.H/2, n+1
		}
	}
	return sum / max(n, 1)
}

// connect draws a foreign key from its first column to the one referred to.
func connect(child, parent *box, f schema.ForeignKey) edge {
	at := func(b *box, name string) float64 {
		for i, r := range b.Rows {
			if strings.EqualFold(r.Name, name) || name == "" && r.Key {
				return b.Y + head + (float64(i)+0.5)*line
			}
		}
		return b.Y + head/2
	}
	y1, y2 := at(child, f.From[0]), at(parent, f.To)
	mark := child.Mark
	if mark == "changed" {
		mark = ""
	}
	x1, x2 := child.X, parent.X+parent.W
	if child.layer > parent.layer {
		bend := max(30, (x1-x2)/2)
		return edge{fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", x1, y1, x1-bend, y1, x2+bend, y2, x2, y2), mark}
	}
	x1 = child.X + child.W // in a cycle, or to its own table: around the right side
	bend := max(x1, x2) + gapX*0.45
	return edge{fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", x1, y1, bend, y1, bend, y2, x2, y2), mark}
}
