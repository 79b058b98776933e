// Transactions: one function for those that write, with which those of scripts begin
// too, and one for those that only read.

package file

import (
	"cmp"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// Transact runs do in a transaction, which it commits, or rolls back if do fails. The
// transaction holds the write lock from its start: a deferred one would fail at its first
// write, however long it may wait
// (https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions).
func (d *DB) Transact(c *sqlite.Conn, do func() error) (err error) {
	if err := c.Run("BEGIN IMMEDIATE"); err != nil {
		return fault.New("", d.Diagnose(err))
	}
	defer func() {
		if c.Autocommit() {
			return // committed, or ended by SQLite itself
		}
		if e := c.Uninterrupted(func() error { return c.Exec("ROLLBACK") }); e != nil && err == nil {
			err = e
		}
	}()
	if err := do(); err != nil {
		return err
	}
	c.Rehook()
	if err := c.Run("COMMIT"); err != nil {
		return d.Diagnose(err)
	}
	return nil
}

// BeginSnapshot begins a read transaction, which lasts until [DB.EndSnapshot] or until c is
// closed: all that c reads is of the moment of its first read (https://sqlite.org/isolation.html).
func (d *DB) BeginSnapshot(c *sqlite.Conn) error { return d.Diagnose(c.Exec("BEGIN")) }

// EndSnapshot ends the transaction of [DB.BeginSnapshot].
func (d *DB) EndSnapshot(c *sqlite.Conn) error { return d.Diagnose(c.Exec("COMMIT")) }

// Snapshot runs do in a read transaction, which ends with it: no one waits longer.
func (d *DB) Snapshot(c *sqlite.Conn, do func() error) error {
	if err := d.BeginSnapshot(c); err != nil {
		return err
	}
	err := do()
	return cmp.Or(err, d.EndSnapshot(c))
}
