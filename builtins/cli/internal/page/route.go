package page

import (
	"fmt"
	"math"
	"strings"
)

// level is a horizontal part of an edge.
type level struct{ from, to, y float64 }

// connect draws a link. It crosses layers only on a level, in its own box or a passage, and
// bends only between two layers: so it never runs through a table.
func (d *diagram) connect(l link) edge {
	c, p := l.child, l.parent
	levels := []level{{c.X, c.X, c.Y + l.from}}
	switch {
	case c.layer > p.layer:
		for _, b := range l.through {
			levels = append(levels, level{b.X + b.W, b.X, b.Y})
		}
		levels = append(levels, level{d.rightOf(p.layer), p.X + p.W, p.Y + l.to})
	case c.layer < p.layer: // closes a cycle
		levels[0] = level{c.X + c.W, d.rightOf(c.layer), c.Y + l.from}
		for _, b := range l.through {
			levels = append(levels, level{b.X, b.X + b.W, b.Y})
		}
		levels = append(levels, level{p.X, p.X, p.Y + l.to})
	default: // around on the right
		levels[0] = level{c.X + c.W, d.rightOf(c.layer), c.Y + l.from}
		levels = append(levels, level{d.rightOf(c.layer), p.X + p.W, p.Y + l.to})
	}
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1fH%.1f", levels[0].from, levels[0].y, levels[0].to)
	for i, to := range levels[1:] {
		bend := (levels[i].to + to.from) / 2
		if c.layer == p.layer {
			bend = to.from + min(gapX, 24+math.Abs(levels[i].y-to.y)/8)
			d.Width = max(d.Width, bend+margin)
		}
		fmt.Fprintf(&path, "C%.1f %.1f %.1f %.1f %.1f %.1fH%.1f", bend, levels[i].y, bend, to.y, to.from, to.y, to.to)
	}
	length := 8.0
	if c.layer < p.layer {
		length = -length
	}
	end := levels[len(levels)-1]
	return edge{path.String(), fmt.Sprintf("M%.1f %.1fl%.1f -4v8z", end.to, end.y, length), l.mark}
}

// rightOf is where the widest box of a layer ends, and the space to the next begins.
func (d *diagram) rightOf(layer int) float64 {
	x := 0.0
	for _, b := range d.layers[layer] {
		x = max(x, b.X+b.W)
	}
	return x
}
