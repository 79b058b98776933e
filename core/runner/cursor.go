// How the rows of a query stay what they were while the transaction changes. The
// invariant: before a change, the rows that open cursors have not given yet are put aside.

package runner

import (
	"fmt"
	"strings"
)

// Cursor gives the rows of a query, one after the other. It has to be closed.
type Cursor struct {
	Columns []string // their names

	tx        *Tx
	sql       string
	s         *compiled
	table     string  // that holds the rows still to come, if they are many
	given     int64   // rows of the table that were given
	buffered  [][]any // rows still to come, if they are few
	exhausted bool    // no others follow the buffered ones
	err       error   // why the rows could not be read
}

// Next gives the next row; nil after the last. The values are nil, int64, float64, string
// or []byte. After an error, it gives the same error again.
func (c *Cursor) Next() ([]any, error) {
	if c.tx.inFunction { // which this query may have called
		return nil, errInFunction
	}
	if len(c.buffered) > 0 {
		row := c.buffered[0]
		c.buffered = c.buffered[1:]
		return row, nil
	}
	if c.exhausted || c.s == nil || c.err != nil {
		return nil, c.err
	}
	return c.step()
}

func (c *Cursor) step() ([]any, error) {
	if c.table != "" { // one at a time: while a query runs, no table can be dropped
		c.given++
		if err := c.s.Bind(c.given); err != nil {
			return nil, c.tx.session.Diagnose(err)
		}
		defer c.s.Reset()
	}
	more, err := c.s.Step()
	if err != nil { // a further step would begin the query again
		c.err = c.tx.session.ErrorIn(c.sql, err)
		c.tx.checkOpen(c.err)
		return nil, c.err
	}
	if !more {
		c.exhausted = true
		return nil, nil
	}
	row := make([]any, len(c.Columns))
	for i := range row {
		row[i] = c.s.Value(i)
	}
	return row, nil
}

// Close ends the query. It may be called again. The end of the migration closes what the
// Runner left open.
func (c *Cursor) Close() {
	if c.tx.inFunction { // what runs cannot be closed; the end of the migration does it
		return
	}
	for i, o := range c.tx.cursors {
		if o == c {
			c.tx.cursors = append(c.tx.cursors[:i], c.tx.cursors[i+1:]...)
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
		c.tx.session.Conn.Exec("DROP TABLE IF EXISTS temp." + c.table) // else it goes with the connection
	}
	c.s, c.buffered = nil, nil
}

// maxBuffered is about how many bytes of rows a cursor buffers before it uses a table.
const maxBuffered = 32 << 20

// spoolCursors puts aside the rows that open queries have not given yet, before a change:
// SQLite does not define whether they would see it (https://sqlite.org/isolation.html).
func (t *Tx) spoolCursors() error {
	for _, c := range t.cursors {
		if c.exhausted || c.table != "" || c.err != nil {
			continue
		}
		for bytes := 0; !c.exhausted && bytes < maxBuffered; {
			row, err := c.step()
			if err != nil {
				return err
			}
			if row != nil {
				c.buffered = append(c.buffered, row)
				bytes += memorySize(row)
			}
		}
		if !c.exhausted {
			if err := c.spoolToTable(); err != nil {
				return t.session.Diagnose(err)
			}
		}
	}
	return nil
}

func memorySize(row []any) (bytes int) {
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

// spoolToTable puts the rows still to come into a temporary table, which SQLite keeps on
// disk if it is large.
func (c *Cursor) spoolToTable() error {
	t, conn := c.tx, c.tx.session.Conn
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
	c.table, c.exhausted = name, false
	left, err := conn.Prepare("SELECT * FROM temp." + name + " WHERE rowid = ?")
	c.s = &compiled{Stmt: left}
	return err
}
