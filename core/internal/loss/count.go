// Package loss counts what a table holds: its rows, and as what type the values of each
// column are stored (https://sqlite.org/datatype3.html). What a migration has lost or
// turned into something else is told by two tallies, one of before and one of after.
package loss

import (
	"fmt"

	"fastmigrate/core/internal/sqlite"
)

// Names are the types that a value can have, but for NULL, in the order of [Types].
var Names = [4]string{"integer", "real", "text", "blob"}

// Types is how many values of a column are stored as which of [Names]. What is missing
// from the number of rows is NULL.
type Types [4]int64

// Values is how many values there are that are not NULL.
func (t Types) Values() int64 { return t[0] + t[1] + t[2] + t[3] }

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
