package coretest

import (
	"testing"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// CountWork counts, until the test ends, how often the rows of a table are counted, and how often
// a table is given some.
func CountWork(t *testing.T) (counted, filled *int) {
	counted, filled = new(int), new(int)
	count, fill := countRows, fillTable
	t.Cleanup(func() { countRows, fillTable = count, fill })
	countRows = func(t *loss.Table, c *sqlite.Conn) error { *counted++; return count(t, c) }
	fillTable = func(t *table, c *sqlite.Conn, version, n int) (int, error) { *filled++; return fill(t, c, version, n) }
	return counted, filled
}
