package rehearse

import (
	"testing"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// CountWork counts, until the test ends, how often the rows of a table are counted, and how often
// its values.
func CountWork(t *testing.T) (rows, values *int) {
	rows, values = new(int), new(int)
	r, v := countRows, countValues
	t.Cleanup(func() { countRows, countValues = r, v })
	countRows = func(t *loss.Table, c *sqlite.Conn) error { *rows++; return r(t, c) }
	countValues = func(t *loss.Table, c *sqlite.Conn) error { *values++; return v(t, c) }
	return rows, values
}
