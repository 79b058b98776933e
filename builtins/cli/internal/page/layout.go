package page

import (
	"cmp"
	"slices"
	"strings"
)

// link is a foreign key between two boxes; its ends are rows, counted from the top of the
// boxes. Through are the passages between them, from the child to the parent.
type link struct {
	child, parent *box
	from, to      float64
	mark          string
	through       []*box
}

// The two sides of a box, as [box.beside] has them.
const left, right = 0, 1

// link finds the foreign keys between the tables that are drawn, and those that have none.
func (d *diagram) link() {
	linked := map[*box]bool{}
	for _, b := range d.Boxes {
		for _, f := range b.table.Foreign {
			p := d.byName[strings.ToLower(f.Parent)]
			if p == nil {
				continue
			}
			l := link{child: b, parent: p, from: b.row(f.From[0]), to: p.row(f.To)}
			if b.Mark != "changed" {
				l.mark = b.Mark
			}
			d.links, linked[b], linked[p] = append(d.links, l), true, true
		}
	}
	for _, b := range d.Boxes {
		if !linked[b] {
			d.alone = append(d.alone, b)
		}
	}
}

// row is the middle of the row of a column, or of the primary key for "", below the top.
func (b *box) row(name string) float64 {
	for i, r := range b.Rows {
		if strings.EqualFold(r.Name, name) || name == "" && r.Key {
			return head + (float64(i)+0.5)*line
		}
	}
	return head / 2
}

// place gives each box its place. What no foreign key connects stands below, in lines.
func (d *diagram) place() {
	width := d.columns()
	d.pass()
	d.order()
	d.align()

	bottom := margin
	for _, layer := range d.layers {
		last := layer[len(layer)-1]
		bottom = max(bottom, last.Y+last.H+gapY)
	}
	x, y, tallest := margin, bottom, 0.0
	for _, b := range d.alone {
		if x > margin && x+b.W+margin > max(maxWidth, width) {
			x, y, tallest = margin, y+tallest+gapY, 0
		}
		b.X, b.Y = x, y
		x, tallest = x+b.W+gapY, max(tallest, b.H)
	}
}

// columns makes the layers, and returns their width: one for each depth, or as many of the
// same height as there is room for, if that is too wide or too tall.
func (d *diagram) columns() (width float64) {
	depths := d.depths()
	var boxes []*box
	total := 0.0
	for _, b := range d.Boxes {
		if depth, found := depths[b]; found {
			boxes, total = append(boxes, b), total+b.H+gapY
			b.layer = depth
		}
	}
	slices.SortStableFunc(boxes, func(a, b *box) int { return cmp.Compare(depths[a], depths[b]) })
	tallest := 0.0
	width = d.spread(boxes)
	for _, layer := range d.layers {
		tallest = max(tallest, stack(layer))
	}
	if (width <= maxWidth || len(d.layers) <= minLayers) && tallest <= maxHeight {
		return width
	}
	for n := len(boxes); n >= minLayers && (width > maxWidth || n == len(boxes)); n-- {
		above, next := 0.0, 0
		for i, b := range boxes {
			if middle := above + (b.H+gapY)/2; i > 0 && middle >= total*float64(next+1)/float64(n) {
				next++
			}
			b.layer = next
			above += b.H + gapY
		}
		width = d.spread(boxes)
	}
	return width
}

// spread places the layers of the boxes side by side, and returns their width.
func (d *diagram) spread(boxes []*box) float64 {
	d.layers = nil
	for _, b := range boxes {
		for len(d.layers) <= b.layer {
			d.layers = append(d.layers, nil)
		}
		d.layers[b.layer] = append(d.layers[b.layer], b)
	}
	x := margin
	for _, layer := range d.layers {
		widest := 0.0
		for _, b := range layer {
			b.X, widest = x, max(widest, b.W)
		}
		x += widest + gapX
	}
	return x - gapX + margin
}

// depths is how many foreign keys lead from each table to the furthest that it refers to. In
// a cycle one of them does not count: its parent is then deeper than the child.
func (d *diagram) depths() map[*box]int {
	parents, open, depths := map[*box][]*box{}, map[*box]bool{}, map[*box]int{}
	for _, l := range d.links {
		parents[l.child] = append(parents[l.child], l.parent)
	}
	var depth func(b *box) int
	depth = func(b *box) int {
		n, done := depths[b]
		if done {
			return n
		}
		open[b] = true
		for _, p := range parents[b] {
			if !open[p] {
				n = max(n, depth(p)+1)
			}
		}
		open[b], depths[b] = false, n
		return n
	}
	for _, l := range d.links {
		depth(l.child)
		depth(l.parent)
	}
	return depths
}

// pass makes a passage in each layer between the two of a link: a box without height and with
// the width of the layer. Links to the same row share it.
func (d *diagram) pass() {
	type key struct {
		parent *box
		row    float64
		layer  int
	}
	passages := map[key]*box{}
	joined := map[[2]*box]bool{}
	join := func(a, b *box) {
		if a.layer > b.layer {
			a, b = b, a
		}
		if !joined[[2]*box{a, b}] && a.layer < b.layer {
			joined[[2]*box{a, b}] = true
			a.beside[right], b.beside[left] = append(a.beside[right], b), append(b.beside[left], a)
		}
	}
	widths := make([]float64, len(d.layers))
	for i, layer := range d.layers {
		for _, b := range layer {
			widths[i] = max(widths[i], b.W)
		}
	}
	for i := range d.links {
		l := &d.links[i]
		at, step := l.child, cmp.Compare(l.parent.layer, l.child.layer)
		for n := at.layer + step; step != 0 && n != l.parent.layer; n += step {
			k := key{l.parent, l.to, n}
			if passages[k] == nil {
				passages[k] = &box{X: d.layers[n][0].X, W: widths[n], layer: n}
				d.layers[n] = append(d.layers[n], passages[k])
			}
			join(at, passages[k])
			at, l.through = passages[k], append(l.through, passages[k])
		}
		join(at, l.parent)
	}
}

// order puts the boxes of each layer into the order of the middle of what they have links
// to, on one side and then the other.
func (d *diagram) order() {
	for _, layer := range d.layers {
		stack(layer)
	}
	sort := func(layer []*box, side int) {
		middle := map[*box]float64{}
		for _, b := range layer {
			middle[b] = b.middle(side)
		}
		slices.SortStableFunc(layer, func(a, b *box) int { return cmp.Compare(middle[a], middle[b]) })
		stack(layer)
	}
	for range 4 {
		for _, layer := range slices.Backward(d.layers) {
			sort(layer, right)
		}
		for _, layer := range d.layers {
			sort(layer, left)
		}
	}
}

// middle is where the links of a side lead to on average, or the middle of the box itself.
func (b *box) middle(side int) float64 {
	sum := 0.0
	for _, o := range b.beside[side] {
		sum += o.Y + o.H/2
	}
	if n := len(b.beside[side]); n > 0 {
		return sum / float64(n)
	}
	return b.Y + b.H/2
}

// gap is the space between two boxes, one above the other.
func gap(above, below *box) float64 {
	if above.H == 0 || below.H == 0 {
		return lane
	}
	return gapY
}

// stack places the boxes of a layer below each other, and returns the height.
func stack(layer []*box) float64 {
	y := margin
	for i, b := range layer {
		if i > 0 {
			y += gap(layer[i-1], b)
		}
		b.Y = y
		y += b.H
	}
	return y
}

// align moves boxes down to what they have links to, in their order and as far as the
// tallest layer allows.
func (d *diagram) align() {
	height := 0.0
	for _, layer := range d.layers {
		height = max(height, stack(layer))
	}
	for side := range 2 { // first to the right ones, last to the left ones
		for i := range d.layers {
			layer, to := d.layers[i], left
			if side == 0 {
				layer, to = d.layers[len(d.layers)-1-i], right
			}
			free := margin
			for j, b := range layer {
				if j > 0 {
					free = layer[j-1].Y + layer[j-1].H + gap(layer[j-1], b)
				}
				b.Y = max(free, b.middle(to)-b.H/2)
			}
			limit := height
			for j, b := range slices.Backward(layer) {
				if b.Y = min(b.Y, limit-b.H); j > 0 {
					limit = b.Y - gap(layer[j-1], b)
				}
			}
		}
	}
}
