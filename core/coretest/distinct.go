// How values are chosen that tell one column from another, and a column from its default: what
// a migration leaves out, swaps or replaces then shows.

package coretest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// readTaken reads which values the rows of the table have, as far as they are few.
func (g *generator) readTaken(c *sqlite.Conn, names []string) error {
	for range names {
		g.taken = append(g.taken, map[string]bool{})
	}
	return c.Query(func(s *sqlite.Stmt) error {
		row := make([]any, len(names))
		for at := range row {
			row[at] = s.Value(at)
		}
		g.take(row)
		return nil
	}, fmt.Sprintf("SELECT %s FROM main.%s LIMIT 100", strings.Join(names, ", "), sqlite.Quote(g.name)))
}

// take remembers the values of a row.
func (g *generator) take(row []any) {
	for at, v := range row {
		if v != nil {
			g.taken[at][text(v)] = true
		}
	}
}

// best returns the value of [generator.bestOf].
func (g *generator) best(row []any, at, n int, value func(int) any) any {
	list := make([]any, n)
	for i := range list {
		list[i] = value(i)
	}
	return list[g.bestOf(row, at, n, func(i int) any { return list[i] })]
}

// bestOf returns the place of the first of n values that nothing else has: neither the
// default of the column, nor another row, nor another column of the row. If there is none,
// it is the one that has the least of that, in this order; but a column whose rows are all
// alike may have its default.
func (g *generator) bestOf(row []any, at, n int, value func(int) any) (best int) {
	least := 1 << 3
	for i := 0; i < n && least > 0; i++ {
		v, weight := value(i), 0
		if p := g.pools[at]; p.fallback != nil && text(v) == text(p.fallback) {
			if weight += 4; len(g.rows) > 3 && len(g.taken[at]) == 1 { // all rows are alike in it, as in a flag
				weight = 1
			}
		}
		if g.taken[at][text(v)] {
			weight += 2
		}
		for other, w := range row {
			if other != at && w != nil && text(w) == text(v) {
				weight++
				break
			}
		}
		if weight < least {
			best, least = i, weight
		}
	}
	return best
}

// second returns what the third row should have: of texts, one that is a number, and has
// a zero in front.
func (p pool) second(n int) any {
	if s, ok := p.usual[1].(string); ok && s == numeric {
		return fmt.Sprintf("017%d", n+1)
	}
	return p.usual[(n+1)%len(p.usual)]
}

// plain returns a value as it is in one half of the pool: as the default or a CHECK names
// it, or as it is usual.
func (p pool) plain(r *rand.Rand, try int) any {
	from := p.literal
	if try%2 == 0 {
		from = p.usual
	}
	switch v := from[r.IntN(len(from))].(type) {
	case pattern:
		return v.instance(r)
	case length:
		return letters(r, int(v), false)
	case size:
		return []byte(letters(r, int(v), false))
	default:
		return v
	}
}

// text is a value as text, to be compared.
func text(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}
