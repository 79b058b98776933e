// How the rows of a query stay what they were while the transaction changes. The
// invariant: before a change, the rows that open cursors have not given yet are put aside.

package runner

import (
	"fmt"
	"strings"
)

// Cursor returns the rows of a query, one after the other. It must be closed.
type Cursor struct {
	Columns []string // their names

	tx        *Tx
	sql       string
	s         *compiled
	table     string // that holds the rows still to come, if they are many
	given     int64  // rows of the table that were given
	buffered  buffer // rows still to come, if they are few
	exhausted bool   // no others follow the buffered ones
	err       error  // why the rows could not be read
}

// Next returns the next row; nil after the last. The values are nil, int64, float64,
// string or []byte. After an error, it returns the same error again.
func (c *Cursor) Next() ([]any, error) {
	if c.tx.inFunction { // which this query may have called
		return nil, errInFunction
	}
	row := make([]any, len(c.Columns))
	if c.buffered.next(row) {
		return row, nil
	}
	if c.exhausted || c.s == nil || c.err != nil {
		return nil, c.err
	}
	if c.table != "" { // one at a time: while a query runs, no table can be dropped
		defer c.s.Reset()
	}
	if more, err := c.step(); !more {
		return nil, err
	}
	c.read(row)
	return row, nil
}

func (c *Cursor) read(row []any) {
	for i := range row {
		row[i] = c.s.Value(i)
	}
}

// step runs to the next row that is not buffered, and reports whether there is one.
func (c *Cursor) step() (bool, error) {
	if c.table != "" {
		c.given++
		if err := c.s.Bind(c.given); err != nil {
			return false, c.tx.session.Diagnose(err)
		}
	}
	more, err := c.s.Step()
	if err != nil { // a further step would begin the query again
		c.err = c.tx.session.ErrorIn(c.sql, err)
		c.tx.checkOpen(c.err)
	}
	c.exhausted = err == nil && !more
	return more, c.err
}

// Close ends the query. It may be called again. Cursors that the Runner leaves open are
// closed at the end of the migration.
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
		c.tx.release(c.s)
	} else {
		c.s.Close()
		c.tx.session.Conn.Exec("DROP TABLE IF EXISTS temp." + c.table) // else it goes with the connection
	}
	c.s, c.buffered = nil, buffer{}
}

// spoolCursors puts aside the rows that open queries have not given yet, before a change:
// SQLite does not define whether they would see it (https://sqlite.org/isolation.html).
func (t *Tx) spoolCursors() error {
	for _, c := range t.cursors {
		if c.exhausted || c.table != "" || c.err != nil {
			continue
		}
		for c.buffered.bytes < maxBuffered {
			if more, err := c.step(); !more {
				if err != nil {
					return err
				}
				break
			}
			c.buffered.add(c.s.Stmt)
		}
		if !c.exhausted {
			if err := c.spoolToTable(); err != nil {
				return t.session.Diagnose(err)
			}
		}
	}
	return nil
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
	row := make([]any, len(columns))
	for {
		if more, err := c.step(); err != nil {
			return err
		} else if !more {
			break
		}
		c.read(row)
		if err := insert.Bind(row...); err != nil {
			return err
		}
		if _, err := insert.Step(); err != nil {
			return err
		}
	}
	t.spooled += conn.TotalChanges() - before
	t.release(c.s)
	c.table, c.exhausted = name, false
	left, err := conn.Prepare("SELECT * FROM temp." + name + " WHERE rowid = ?")
	c.s = &compiled{Stmt: left}
	return err
}
