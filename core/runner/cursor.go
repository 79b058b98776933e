// Rows of a transaction that changes while they are read.

package runner

import (
	"fmt"
	"strings"
)

// Cursor is the rows of a query, one after the other.
type Cursor struct {
	Columns []string // their names

	tx     *Tx
	sql    string
	s      *compiled
	table  string  // that holds the rows that are left, if they are many
	given  int64   // of those
	memory [][]any // they, if they are few
	all    bool    // there are no others
	err    error   // why they could not be read
}

// Next gives the next row; nil after the last. The values are nil, int64,
// float64, string or []byte.
func (c *Cursor) Next() ([]any, error) {
	if c.tx.inside { // perhaps of the query that it would begin anew
		return nil, errInside
	}
	if len(c.memory) > 0 {
		row := c.memory[0]
		c.memory = c.memory[1:]
		return row, nil
	}
	if c.all || c.s == nil || c.err != nil {
		return nil, c.err
	}
	return c.step()
}

func (c *Cursor) step() ([]any, error) {
	if c.table != "" { // one at a time: while a query runs, no table can be dropped
		c.given++
		if err := c.s.Bind(c.given); err != nil {
			return nil, c.tx.x.Diagnose(err)
		}
		defer c.s.Reset()
	}
	more, err := c.s.Step()
	if err != nil { // a further step would begin anew
		c.err = c.tx.x.ErrorIn(c.sql, err)
		c.tx.ended(c.err)
		return nil, c.err
	}
	if !more {
		c.all = true
		return nil, nil
	}
	row := make([]any, len(c.Columns))
	for i := range row {
		row[i] = c.s.Value(i)
	}
	return row, nil
}

// Close ends the query. It may be called again.
func (c *Cursor) Close() {
	if c.tx.inside { // what runs cannot be closed; the end of the migration does it
		return
	}
	for i, o := range c.tx.open {
		if o == c {
			c.tx.open = append(c.tx.open[:i], c.tx.open[i+1:]...)
			break
		}
	}
	if c.s == nil {
		return
	}
	if c.table == "" {
		c.tx.release(c.sql, c.s)
	} else {
		c.s.Close()
		c.tx.x.Conn.Exec("DROP TABLE IF EXISTS temp." + c.table) // else it goes with the connection
	}
	c.s, c.memory = nil, nil
}

// inMemory is about how many bytes a spool holds before it becomes a table.
const inMemory = 32 << 20

// spool puts aside the rows that open queries have not given yet, before
// something changes: SQLite leaves open whether they would see it
// (https://sqlite.org/isolation.html).
func (t *Tx) spool() error {
	for _, c := range t.open {
		if c.all || c.table != "" || c.err != nil {
			continue
		}
		for bytes := 0; !c.all && bytes < inMemory; {
			row, err := c.step()
			if err != nil {
				return err
			}
			if row != nil {
				c.memory = append(c.memory, row)
				bytes += weight(row)
			}
		}
		if !c.all {
			if err := c.toTable(); err != nil {
				return t.x.Diagnose(err)
			}
		}
	}
	return nil
}

func weight(row []any) (bytes int) {
	for _, v := range row {
		bytes += 32
		switch v := v.(type) {
		case string:
			bytes += len(v)
		case []byte:
			bytes += len(v)
		}
	}
	return bytes + 32
}

// toTable puts the rows that are left into a temporary table, which SQLite keeps
// on disk if it is large.
func (c *Cursor) toTable() error {
	t, conn := c.tx, c.tx.x.Conn
	t.spools++
	name := fmt.Sprintf("_spool_%d", t.spools)
	columns := make([]string, len(c.Columns))
	for i := range columns {
		columns[i] = fmt.Sprintf("c%d", i) // without a type, values stay as they are
	}
	if err := conn.Exec("CREATE TEMP TABLE " + name + " (" + strings.Join(columns, ", ") + ")"); err != nil {
		return err
	}
	insert, err := conn.Prepare("INSERT INTO temp." + name + " VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")")
	if err != nil {
		return err
	}
	defer insert.Close()
	before := conn.TotalChanges()
	for {
		row, err := c.step()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		if err := insert.Bind(row...); err != nil {
			return err
		}
		if _, err := insert.Step(); err != nil {
			return err
		}
	}
	t.spooled += conn.TotalChanges() - before
	t.release(c.sql, c.s)
	c.table, c.all = name, false
	left, err := conn.Prepare("SELECT * FROM temp." + name + " WHERE rowid = ?")
	c.s = &compiled{Stmt: left}
	return err
}
