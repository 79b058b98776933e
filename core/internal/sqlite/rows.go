package sqlite

import (
	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Change is a row that a statement is about to insert, update or delete
// (https://sqlite.org/c3ref/preupdate_count.html).
type Change struct {
	Code            int // ActInsert, ActUpdate or ActDelete
	Database, Table string
	Depth           int // 0: by the statement itself; more: by a trigger, or the action of a foreign key

	c *Conn
}

// Old gives the value of a column before the change, by its place in the table. It must
// be called while the hook runs.
func (r Change) Old(column int) any {
	*pointer[uintptr](r.c.out) = 0
	if rc := lib.Xsqlite3_preupdate_old(r.c.tls, r.c.db, int32(column), r.c.out); rc != lib.SQLITE_OK {
		return nil
	}
	return value(r.c.tls, *pointer[uintptr](r.c.out))
}

// SetRowHook installs f, which is called before each row of a table changes, even if ON
// CONFLICT REPLACE removes it. It must not use the connection.
func (c *Conn) SetRowHook(f func(Change)) {
	c.changing = f
	lib.Xsqlite3_preupdate_hook(c.tls, c.db, callback(onChange), c.address())
}

func onChange(_ *libc.TLS, conn, db uintptr, code int32, database, table uintptr, _, _ int64) {
	c := pointer[Conn](conn)
	c.changing(Change{int(code), c.names.text(database), c.names.text(table), int(lib.Xsqlite3_preupdate_depth(c.tls, db)), c})
}

// KeysViolated reports whether SQLite counts violated foreign keys in the open transaction,
// so that it refuses a COMMIT
// (https://sqlite.org/c3ref/c_dbstatus_options.html#sqlitedbstatusdeferredfks).
func (c *Conn) KeysViolated() bool {
	*pointer[int32](c.out) = 0
	lib.Xsqlite3_db_status(c.tls, c.db, lib.SQLITE_DBSTATUS_DEFERRED_FKS, c.out, c.out+8, 0)
	return *pointer[int32](c.out) != 0
}

// ForgetRowid makes last_insert_rowid() what it is on a new connection.
func (c *Conn) ForgetRowid() { lib.Xsqlite3_set_last_insert_rowid(c.tls, c.db, 0) }
