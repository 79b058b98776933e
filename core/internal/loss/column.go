// How the values of one column are counted that are others now.

package loss

import (
	"fmt"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// column is one that a table has before and after.
type column struct {
	was, is string
	at      int // of the ordinary columns before

	values, changed, nulls int64
	named, same            int64 // of the changed: the column's name, the first new value
	first                  any
	names                  []string // of columns before
	from                   []int64  // by those whose value it is now
	all                    By       // what all values are now, if few changed for that: see settleFew
}

// newColumn returns the at-th of the columns before, by its name after.
func newColumn(names []string, at int, is string) *column {
	return &column{was: names[at], is: is, at: at, names: names, from: make([]int64, len(names))}
}

// see counts the value of one row.
func (col *column) see(old []any, now any) {
	was := old[col.at]
	switch {
	case was == nil || alikeValues(was, now):
		return
	case now == nil:
		col.nulls++
		return
	}
	col.changed++
	if col.changed == 1 {
		col.first = now
	}
	if sameValue(now, col.first) {
		col.same++
	}
	if s, ok := now.(string); ok && (strings.EqualFold(s, col.is) || strings.EqualFold(s, col.was)) {
		col.named++
	}
	for i, v := range old {
		if i != col.at && v != nil && sameValue(v, now) {
			col.from[i]++
		}
	}
}

// sameValue reports whether two values are one, whatever their type is.
func sameValue(a, b any) bool {
	if a == nil || b == nil {
		return a == b
	}
	return textOf(a) == textOf(b)
}

// alikeValues reports whether two values differ in nothing but case, outer blanks and type.
// Two texts are no numbers: 0171 is another telephone number than 171.
func alikeValues(a, b any) bool {
	if a == nil || b == nil {
		return a == b
	}
	if _, blob := b.([]byte); blob {
		if _, text := a.(string); text { // they are never equal (https://sqlite.org/datatype3.html#comparison_expressions)
			return false
		}
	}
	x, y := strings.TrimSpace(textOf(a)), strings.TrimSpace(textOf(b))
	if strings.EqualFold(x, y) {
		return true
	}
	_, was := a.(string)
	_, is := b.(string)
	return !(was && is) && number(x) != "" && number(x) == number(y)
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// number is a number in one form: 1, 1.0 and 01 are the same; "" if it is none.
func number(s string) string {
	var f float64
	if n, err := fmt.Sscanf(s+"\n", "%g\n", &f); n != 1 || err != nil {
		return ""
	}
	return fmt.Sprint(f)
}

// replaced reports whether most values are replaced.
func (col *column) replaced() bool { return (col.changed+col.nulls)*2 > col.values }

// replaced returns the finding for a column in which most values were replaced, or all
// became the same. If an UPDATE changed only one row, that is intended.
func (p Pair) replaced(col *column) (Finding, bool) {
	n := col.changed + col.nulls
	if n == 0 || col.all == "" && (!col.replaced() || n == 1 && !p.Rebuilt) {
		return Finding{}, false
	}
	f := p.finding(ValuesReplaced)
	f.Column, f.NowColumn, f.Values, f.Lost, f.By = col.was, col.is, col.values, n, ByOthers
	switch {
	case col.nulls > col.changed:
		f.By, f.Lost = ByNull, col.nulls
		if col.nulls*2 <= col.values {
			f.By, f.Lost = ByOthers, n
		}
	case col.named == col.changed:
		f.By = ByName
	case col.all != ByColumn && col.same == col.changed && (col.changed > 1 || p.Rebuilt || col.all == ByOne):
		f.By, f.Instead = ByOne, sqlite.Literal(col.first)
	default:
		for i, m := range col.from {
			if m == col.changed {
				f.By, f.Instead = ByColumn, col.names[i]
				break
			}
		}
	}
	return f, true
}
