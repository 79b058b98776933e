package sqlite

import (
	"sync"
	"time"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// kept are the open connections. SQLite holds their addresses for its callbacks, where
// Go's collector does not see them.
var kept = struct {
	sync.Mutex
	conns map[*Conn]bool
}{conns: map[*Conn]bool{}}

func keep(c *Conn) {
	kept.Lock()
	defer kept.Unlock()
	kept.conns[c] = true
}

func release(c *Conn) {
	kept.Lock()
	defer kept.Unlock()
	delete(kept.conns, c)
	redirected.Delete(c.tls)
}

// address is what the callbacks get to find c, which must be kept.
func (c *Conn) address() uintptr { return uintptr(unsafe.Pointer(c)) }

// callback is the address of f as SQLite calls it. f must be declared by name:
// a closure has no address of its own.
func callback[F any](f F) uintptr {
	return *(*uintptr)(unsafe.Pointer(&struct{ f F }{f}))
}

// hook installs the handlers that end a wait or a statement once the context is done. The
// progress handler is needed since sqlite3_interrupt has no effect just before a
// statement starts.
func (c *Conn) hook() {
	lib.Xsqlite3_busy_handler(c.tls, c.db, callback(onBusy), c.address())
	lib.Xsqlite3_progress_handler(c.tls, c.db, 10_000, callback(onProgress), c.address())
}

// Rehook restores the handlers after SQL that may have replaced them, as
// PRAGMA busy_timeout does.
func (c *Conn) Rehook() { c.hook() }

// onBusy waits a little longer each time, as SQLite's own handler does, up to
// the wait of the connection.
func onBusy(_ *libc.TLS, conn uintptr, count int32) int32 {
	c := pointer[Conn](conn)
	delays := [...]time.Duration{1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100}
	var before, delay time.Duration
	for i := int32(0); i <= count; i++ {
		before += delay * time.Millisecond
		delay = delays[min(int(i), len(delays)-1)]
	}
	delay *= time.Millisecond
	if c.Waiting != nil && before < time.Second && before+delay >= time.Second {
		c.Waiting()
	}
	if before+delay > c.wait {
		if delay = c.wait - before; delay <= 0 {
			return 0
		}
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-c.ctx.Done():
		return 0
	case <-t.C:
		return 1
	}
}

func onProgress(_ *libc.TLS, conn uintptr) int32 {
	c := pointer[Conn](conn)
	if c.ctx.Err() != nil {
		return 1
	}
	if c.Progress != nil {
		changes := c.TotalChanges() // SQLite adds to it only at the end of a statement
		if c.running != 0 {
			changes += int64(pointer[lib.TVdbe](c.running).FnChange)
		}
		c.Progress(changes)
	}
	return 0
}

// Action is what a statement being prepared would do
// (https://sqlite.org/c3ref/c_alter_table.html).
type Action struct {
	Code       int
	Arg1, Arg2 string // their meaning depends on Code; often a table and a column
	Database   string // main, temp, ...
	Computed   bool   // of ActAttach: the file is named by an expression, and not in Arg1
}

// Codes of actions that callers tell apart.
const (
	ActTransaction   = lib.SQLITE_TRANSACTION // Arg1: BEGIN, COMMIT or ROLLBACK
	ActSelect        = lib.SQLITE_SELECT
	ActRecursive     = lib.SQLITE_RECURSIVE
	ActPragma        = lib.SQLITE_PRAGMA // Arg1: name; Arg2: value
	ActAttach        = lib.SQLITE_ATTACH
	ActDetach        = lib.SQLITE_DETACH
	ActInsert        = lib.SQLITE_INSERT // Arg1: table
	ActUpdate        = lib.SQLITE_UPDATE // Arg1: table
	ActDelete        = lib.SQLITE_DELETE // Arg1: table
	ActAlterTable    = lib.SQLITE_ALTER_TABLE
	ActDropTable     = lib.SQLITE_DROP_TABLE
	ActCreateTable   = lib.SQLITE_CREATE_TABLE
	ActCreateView    = lib.SQLITE_CREATE_VIEW
	ActDropView      = lib.SQLITE_DROP_VIEW
	ActDropTrigger   = lib.SQLITE_DROP_TRIGGER
	ActReindex       = lib.SQLITE_REINDEX
	ActCreateTrigger = lib.SQLITE_CREATE_TRIGGER      // Arg2: table
	ActTempTrigger   = lib.SQLITE_CREATE_TEMP_TRIGGER // Arg2: table
	ActCreateIndex   = lib.SQLITE_CREATE_INDEX        // Arg2: table
	ActDropIndex     = lib.SQLITE_DROP_INDEX          // Arg2: table
	ActSavepoint     = lib.SQLITE_SAVEPOINT           // Arg1: BEGIN, ROLLBACK or RELEASE; Arg2: name
	ActCreateVTable  = lib.SQLITE_CREATE_VTABLE       // Arg2: module
)

// Authorizer decides while a statement is prepared whether it may do an action
// (https://sqlite.org/c3ref/set_authorizer.html). It must not use the
// connection.
type Authorizer func(Action) bool

// SetAuthorizer installs an authorizer in place of the last one. If a is nil, everything
// is permitted.
func (c *Conn) SetAuthorizer(a Authorizer) {
	c.authorize = a
	if a == nil {
		lib.Xsqlite3_set_authorizer(c.tls, c.db, 0, 0)
		return
	}
	lib.Xsqlite3_set_authorizer(c.tls, c.db, callback(onAuthorize), c.address())
}

func onAuthorize(_ *libc.TLS, conn uintptr, code int32, arg1, arg2, database, _ uintptr) int32 {
	c := pointer[Conn](conn)
	switch code { // the two most frequent
	case lib.SQLITE_FUNCTION:
		c.Calls = true
		return lib.SQLITE_OK
	case lib.SQLITE_READ: // which no caller asks about
		return lib.SQLITE_OK
	}
	if c.authorize(Action{int(code), c.names.text(arg1), c.names.text(arg2), c.names.text(database), arg1 == 0}) {
		return lib.SQLITE_OK
	}
	return lib.SQLITE_DENY
}

// SetUpdateHook installs f, which is called for each row that is inserted, updated or
// deleted, even by a trigger. It is not called for tables without rowid, nor for rows that
// a DELETE without WHERE removes (https://sqlite.org/c3ref/update_hook.html). If f is nil, there is none.
func (c *Conn) SetUpdateHook(f func(code int, database, table string, rowid int64)) {
	if c.updated = f; f == nil {
		lib.Xsqlite3_update_hook(c.tls, c.db, 0, 0)
		return
	}
	lib.Xsqlite3_update_hook(c.tls, c.db, callback(onUpdate), c.address())
}

func onUpdate(_ *libc.TLS, conn uintptr, code int32, database, table uintptr, rowid int64) {
	c := pointer[Conn](conn)
	c.updated(int(code), c.names.text(database), c.names.text(table), rowid)
}

// names caches the last few texts that came from SQLite: a script that writes a million
// rows to a table names it a million times.
type names [4]string

func (n *names) text(p uintptr) string {
	if p == 0 {
		return ""
	}
	for _, s := range n {
		if equal(p, s) {
			return s
		}
	}
	copy(n[1:], n[:])
	n[0] = libc.GoString(p)
	return n[0]
}

// equal compares the text at p, which a NUL ends, with s.
func equal(p uintptr, s string) bool {
	for i := range len(s) {
		if *pointer[byte](p + uintptr(i)) != s[i] {
			return false
		}
	}
	return *pointer[byte](p + uintptr(len(s))) == 0
}

func text(p uintptr) string {
	if p == 0 {
		return ""
	}
	return libc.GoString(p)
}
