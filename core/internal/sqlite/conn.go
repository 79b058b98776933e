// Package sqlite is the C interface of SQLite (https://sqlite.org/c3ref/intro.html)
// in Go, as far as a migrator needs it: database/sql cannot tell where a statement ends,
// where in it an error is, or whether a transaction is still open.
//
// A [Conn] belongs to one goroutine at a time and to one context: when that is done, a
// running statement is interrupted and a wait for a lock ends. Every unsafe line of the
// project is here.
package sqlite

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"fastmigrate/core/internal/still"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Version is the version of the SQLite library linked in.
const Version = lib.SQLITE_VERSION

// Flags say how Open opens a file (https://sqlite.org/c3ref/open.html).
type Flags int32

const (
	ReadOnly  Flags = lib.SQLITE_OPEN_READONLY
	ReadWrite Flags = lib.SQLITE_OPEN_READWRITE
	Create    Flags = lib.SQLITE_OPEN_CREATE
	URI       Flags = lib.SQLITE_OPEN_URI
	NoFollow  Flags = lib.SQLITE_OPEN_NOFOLLOW // refuse symbolic links, even of directories
)

// Conn is one connection to one database file.
type Conn struct {
	tls       *libc.TLS
	db        uintptr
	ctx       context.Context
	stop      func() bool
	wait      time.Duration
	authorize Authorizer
	updated   func(code int, database, table string, rowid int64)
	changing  func(Change)
	names     names
	compiled  map[string]*Stmt // that Run keeps
	running   uintptr          // the statement that runs, or 0
	out       uintptr          // 16 bytes for what a call gives beside its result, and 16 for arguments
	closing   sync.Mutex       // keeps an interrupt and the close apart
	functions []*callable
	repeated  []*callable // of a test: see repeat
	failure   error       // of a function that SQL called, or of Redirect

	// Waiting is called after a second of waiting for a lock. If nil, no one is notified.
	Waiting func()

	// Calls is set to true by each statement that is compiled, while there is an authorizer,
	// and calls a function, even one of SQLite's own, as ALTER TABLE does.
	Calls bool

	// Progress is called from time to time while a statement runs, and must not use the
	// connection. Changes is TotalChanges plus what the statement has changed so far.
	// If nil, no one is notified.
	Progress func(changes int64)
}

// Open opens the file at path, which must be absolute or a special name of SQLite; it
// is taken literally unless URI is set. Statements wait up to wait for a lock that
// another connection holds. Errors are those of type [*Error], and that of ctx.
func Open(ctx context.Context, path string, flags Flags, wait time.Duration) (*Conn, error) {
	if strings.IndexByte(path, 0) >= 0 {
		return nil, &Error{Code: lib.SQLITE_CANTOPEN, Msg: "the path has a NUL byte", Offset: -1}
	}
	if n := LongestPath(); len(path) > n {
		return nil, &Error{Code: lib.SQLITE_CANTOPEN, Msg: fmt.Sprintf("its path has %d bytes, but SQLite takes at most %d", len(path), n), Offset: -1, Errno: int(syscall.ENAMETOOLONG)}
	}
	opened.Add(1)
	c := &Conn{tls: libc.NewTLS(), ctx: ctx, wait: wait}
	name := c.cstring(path)
	defer c.free(name)
	c.out = c.malloc(32)
	*pointer[uintptr](c.out) = 0
	vfs, source := uintptr(0), still.Of(ctx)
	if source != nil {
		vfs = stillVFS()
	}
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.out, int32(flags)|lib.SQLITE_OPEN_FULLMUTEX, vfs)
	c.db = *pointer[uintptr](c.out)
	if rc != lib.SQLITE_OK {
		err := c.error(rc)
		c.Close()
		return nil, err
	}
	lib.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	keep(c)
	if source != nil {
		if err := c.repeat(source); err != nil {
			c.Close()
			return nil, err
		}
	}
	c.hook()
	c.stop = context.AfterFunc(ctx, c.interrupt)
	if err := c.place(path); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close closes the connection, and rolls back a transaction that is still open. It does
// nothing if the connection is nil or closed.
func (c *Conn) Close() error {
	if c == nil || c.tls == nil {
		return nil
	}
	if c.stop != nil && !c.stop() {
		c.closing.Lock() // an interrupt may be on its way into the handle
		defer c.closing.Unlock()
	}
	var err error
	for _, s := range c.compiled {
		s.Close()
	}
	if c.db != 0 {
		if rc := lib.Xsqlite3_close_v2(c.tls, c.db); rc != lib.SQLITE_OK {
			err = c.error(rc)
		}
		release(c)
		c.db = 0
	}
	c.free(c.out)
	c.tls.Close()
	c.tls = nil
	return err
}

func (c *Conn) interrupt() {
	c.closing.Lock()
	defer c.closing.Unlock()
	if c.db == 0 {
		return
	}
	tls := libc.NewTLS()
	defer tls.Close()
	lib.Xsqlite3_interrupt(tls, c.db)
}

// Uninterrupted runs do, which cleans up, to its end even if the context of the
// connection is done.
func (c *Conn) Uninterrupted(do func() error) error {
	ctx := c.ctx
	defer func() { c.ctx = ctx }()
	c.ctx = context.WithoutCancel(ctx)
	return do()
}

// Sleep waits for d, or returns the error of the context as soon as that is done.
func (c *Conn) Sleep(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case <-t.C:
		return nil
	}
}

// Autocommit reports whether no transaction is open
// (https://sqlite.org/c3ref/get_autocommit.html).
func (c *Conn) Autocommit() bool {
	return pointer[lib.Tsqlite3](c.db).FautoCommit != 0 // without the lock that SQLite's function takes
}

// ReadOnly reports whether the main database was opened for reading only. SQLite does
// that without being asked if the file does not permit more.
func (c *Conn) ReadOnly() bool {
	name := c.cstring("main")
	defer c.free(name)
	return lib.Xsqlite3_db_readonly(c.tls, c.db, name) == 1
}

// Filename is the path of an attached database by its schema name; "" if it is in memory
// or temporary (https://sqlite.org/c3ref/db_filename.html).
func (c *Conn) Filename(database string) string {
	name := c.cstring(database)
	defer c.free(name)
	return text(lib.Xsqlite3_db_filename(c.tls, c.db, name))
}

// TotalChanges is the number of rows inserted, updated or deleted through the connection,
// including those by triggers and foreign-key actions.
func (c *Conn) TotalChanges() int64 {
	return pointer[lib.Tsqlite3](c.db).FnTotalChange // without the lock that SQLite's function takes
}

// DataVersion returns a number that changes whenever this connection sees other content
// of the main database, whoever changed it
// (https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntldataversion).
func (c *Conn) DataVersion() (uint32, error) {
	*pointer[uint32](c.out) = 0
	if rc := lib.Xsqlite3_file_control(c.tls, c.db, 0, lib.SQLITE_FCNTL_DATA_VERSION, c.out); rc != lib.SQLITE_OK {
		return 0, c.error(rc)
	}
	return *pointer[uint32](c.out), nil
}

// SetForeignKeys switches the enforcement of foreign keys, even inside a transaction,
// where the PRAGMA does nothing (https://sqlite.org/c3ref/c_dbconfig_defensive.html).
func (c *Conn) SetForeignKeys(on bool) { c.config(lib.SQLITE_DBCONFIG_ENABLE_FKEY, on) }

// ForeignKeys reports whether foreign keys are enforced.
func (c *Conn) ForeignKeys() bool { return c.config(lib.SQLITE_DBCONFIG_ENABLE_FKEY, nil) }

// NoQuotedStrings makes "x" always a name, and never the string 'x' if there is no such
// name (https://sqlite.org/quirks.html#dblquote).
func (c *Conn) NoQuotedStrings() {
	c.config(lib.SQLITE_DBCONFIG_DQS_DDL, false)
	c.config(lib.SQLITE_DBCONFIG_DQS_DML, false)
}

// WithoutQuotedStrings calls do as after [Conn.NoQuotedStrings], and restores the setting. A
// statement that do compiles may run later: SQLite compiles each one again after a change
// through sqlite3_db_config, and so these are its flags themselves.
func (c *Conn) WithoutQuotedStrings(do func()) {
	const both = lib.SQLITE_DqsDDL | lib.SQLITE_DqsDML
	flags := &pointer[lib.Tsqlite3](c.db).Fflags
	was := *flags & both
	*flags &^= both
	defer func() { *flags |= was }()
	do()
}

// KeepWAL makes [Conn.Close] leave the write-ahead log as it is.
func (c *Conn) KeepWAL() { c.config(lib.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) }

// config sets a boolean option, or leaves it if on is nil, and gives its value.
func (c *Conn) config(option int32, on any) bool {
	value := int32(-1)
	switch on {
	case true:
		value = 1
	case false:
		value = 0
	}
	*pointer[int32](c.out) = 0
	lib.Xsqlite3_db_config(c.tls, c.db, option, libc.VaList(c.out+16, value, c.out))
	return *pointer[int32](c.out) != 0
}

// Error is a failed call of SQLite.
type Error struct {
	Code   int    // extended result code (https://sqlite.org/rescode.html)
	Msg    string // SQLite's message
	Offset int    // of the culprit, in bytes from the start of the statement's text; -1 if unknown
	Errno  int    // of the system call that failed; 0 if none did
}

// Error returns SQLite's message.
func (e *Error) Error() string { return e.Msg }

// Primary is the code without its extension: [Busy], [Corrupt] and others.
func (e *Error) Primary() int { return e.Code & 0xff }

// Result codes that callers tell apart.
const (
	Generic   = lib.SQLITE_ERROR // only the message tells what is wrong
	Perm      = lib.SQLITE_PERM
	Busy      = lib.SQLITE_BUSY
	Locked    = lib.SQLITE_LOCKED
	Readonly  = lib.SQLITE_READONLY
	Interrupt = lib.SQLITE_INTERRUPT
	IOErr     = lib.SQLITE_IOERR
	Corrupt   = lib.SQLITE_CORRUPT
	Full      = lib.SQLITE_FULL
	CantOpen  = lib.SQLITE_CANTOPEN
	Auth      = lib.SQLITE_AUTH
	NotADB    = lib.SQLITE_NOTADB

	// Extended codes.
	ReadonlyRollback = lib.SQLITE_READONLY_ROLLBACK
	CorruptIndex     = lib.SQLITE_CORRUPT_INDEX
	IOErrGetTempPath = lib.SQLITE_IOERR_GETTEMPPATH
	CantOpenSymlink  = lib.SQLITE_CANTOPEN_SYMLINK
	ForeignKey       = lib.SQLITE_CONSTRAINT_FOREIGNKEY
)

// error describes the failure rc of the last call. If the context of the connection is
// done, that is the cause, and its error is given.
func (c *Conn) error(rc int32) error {
	if err := c.failure; err != nil {
		c.failure = nil
		return err
	}
	e := &Error{Code: int(rc), Offset: -1}
	if c.db == 0 {
		e.Msg = libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))
		return e
	}
	if ext := lib.Xsqlite3_extended_errcode(c.tls, c.db); ext&0xff == rc&0xff {
		e.Code = int(ext)
		e.Msg = libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db))
		e.Offset = int(lib.Xsqlite3_error_offset(c.tls, c.db))
		if p := e.Primary(); p == CantOpen || p == IOErr || p == Full || p == Readonly {
			e.Errno = int(lib.Xsqlite3_system_errno(c.tls, c.db))
		}
	} else {
		e.Msg = libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))
	}
	if p := e.Primary(); (p == Interrupt || p == Busy) && c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	return e
}

func (c *Conn) malloc(n int) uintptr {
	p := lib.Xsqlite3_malloc64(c.tls, uint64(n))
	if p == 0 {
		panic(fmt.Sprintf("sqlite: out of memory for %d bytes", n))
	}
	return p
}

func (c *Conn) free(p uintptr) { lib.Xsqlite3_free(c.tls, p) }

// cstring copies s into memory of SQLite's and ends it with a NUL.
func (c *Conn) cstring(s string) uintptr {
	p := c.malloc(len(s) + 1)
	put(p, s)
	return p
}

// put copies s to p, ends it with a NUL and gives the number of bytes.
func put(p uintptr, s string) int {
	b := unsafe.Slice(pointer[byte](p), len(s)+1)
	copy(b, s)
	b[len(s)] = 0
	return len(b)
}

// pointer makes an address of SQLite's memory, which Go's collector neither
// moves nor frees, a pointer; or that of a Conn that is kept.
func pointer[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }
