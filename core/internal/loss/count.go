// How many rows a table has, and as what type the values of each column are stored
// (https://sqlite.org/datatype3.html).

package loss

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// names are the types that a value can have, but for NULL, in the order of [Types].
var names = [4]string{"integer", "real", "text", "blob"}

// Types is how many values of a column are integer, real, text and
// blob, in this order. What is missing from the number of rows is NULL.
type Types [4]int64

// Values is how many values there are that are not NULL.
func (t Types) Values() int64 { return t[0] + t[1] + t[2] + t[3] }

// String returns "2 integer, 5 text"; "" if there are no values.
func (t Types) String() string {
	var list []string
	for i, n := range t {
		if n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, names[i]))
		}
	}
	return strings.Join(list, ", ")
}

// Turn is what may have become of values of a column: there are fewer of the type From
// than before, and Values more of the type To.
type Turn struct {
	From, To string
	Values   int64
}

// Turns returns all that may have become of values that were t and are now; nil if only
// some are gone or added, as far as their numbers tell.
func (t Types) Turns(now Types) (list []Turn) {
	for from := range t {
		for to := range now {
			if now[from] < t[from] && now[to] > t[to] {
				list = append(list, Turn{names[from], names[to], now[to] - t[to]})
			}
		}
	}
	return list
}

// Count counts the rows of a table and the types of the values in columns. It reads the
// table once for every 200 columns, and once for none. The errors are those of SQLite,
// as where a virtual table needs a module.
func Count(c *sqlite.Conn, table string, columns []string) (rows int64, types []Types, err error) {
	types = make([]Types, len(columns))
	const packed, width = 1 << 31, 200 // two counts in one sum; columns in one pass
	for at := 0; at == 0 || at < len(columns); at += width {
		end := min(at+width, len(columns))
		sql := "SELECT count(*)"
		for _, name := range columns[at:end] {
			sql += fmt.Sprintf(`, sum(CASE typeof(%s) WHEN 'integer' THEN 1 WHEN 'real' THEN %d ELSE 0 END)`+
				`, sum(CASE typeof(%[1]s) WHEN 'text' THEN 1 WHEN 'blob' THEN %[2]d ELSE 0 END)`, sqlite.Quote(name), packed)
		}
		err := c.Query(func(s *sqlite.Stmt) error {
			rows = s.Int(0)
			for i := range types[at:end] {
				n, m := s.Int(1+2*i), s.Int(2+2*i)
				types[at+i] = Types{n % packed, n / packed, m % packed, m / packed}
			}
			return nil
		}, sql+" FROM main."+sqlite.Quote(table))
		if err != nil {
			return 0, nil, err
		}
	}
	return rows, types, nil
}

// countFilled counts the values in columns that are not NULL. It reads the table once for every
// 500 columns.
func countFilled(c *sqlite.Conn, table string, columns []string) (filled []int64, err error) {
	for part := range slices.Chunk(columns, 500) {
		counts := make([]string, len(part))
		for i, name := range part {
			counts[i] = "count(" + sqlite.Quote(name) + ")"
		}
		err = c.Query(func(s *sqlite.Stmt) error {
			for i := range part {
				filled = append(filled, s.Int(i))
			}
			return nil
		}, "SELECT "+strings.Join(counts, ", ")+" FROM main."+sqlite.Quote(table))
		if err != nil {
			return nil, err
		}
	}
	return filled, nil
}
