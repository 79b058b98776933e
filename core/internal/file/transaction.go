// The transactions of this package. There is one function for what writes, one for the
// statements of scripts, which calls the former, and one for what only reads.

package file

import (
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// Transact runs do in a transaction that holds the write lock from its start,
// as a deferred one would fail when it first writes, whatever the wait
// (https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions).
// All of do happens, or nothing.
func (d *DB) Transact(c *sqlite.Conn, do func() error) (err error) {
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
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
	if err := c.Exec("COMMIT"); err != nil {
		return d.Diagnose(err)
	}
	return nil
}

// BeginSnapshot has what c reads from now on be of the moment at which it first reads,
// until c is closed (https://sqlite.org/isolation.html).
func (d *DB) BeginSnapshot(c *sqlite.Conn) error { return d.Diagnose(c.Exec("BEGIN")) }
