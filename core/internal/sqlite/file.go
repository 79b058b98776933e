package sqlite

import (
	"io"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Reset makes the connection treat the database as empty, whatever its file holds, so
// that a damaged one can be replaced
// (https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigresetdatabase).
func (c *Conn) Reset() { c.config(lib.SQLITE_DBCONFIG_RESET_DATABASE, true) }

// File reads the bytes of the main database file through SQLite's handle of it. Opening
// the file a second time and closing it would drop the locks of this process
// (https://sqlite.org/howtocorrupt.html, 2.2).
type File struct {
	c    *Conn
	p    uintptr
	Size int64
}

// File gives the file of the main database as it is now.
func (c *Conn) File() (*File, error) {
	out := c.malloc(8)
	defer c.free(out)
	*pointer[uintptr](out) = 0
	if rc := lib.Xsqlite3_file_control(c.tls, c.db, 0, lib.SQLITE_FCNTL_FILE_POINTER, out); rc != lib.SQLITE_OK {
		return nil, c.error(rc)
	}
	f := &File{c: c, p: *pointer[uintptr](out)}
	*pointer[int64](out) = 0
	size := function[func(*libc.TLS, uintptr, uintptr) int32](f.methods().FxFileSize)
	if rc := size(c.tls, f.p, out); rc != lib.SQLITE_OK {
		return nil, c.error(rc)
	}
	f.Size = *pointer[int64](out)
	return f, nil
}

func (f *File) methods() *lib.Tsqlite3_io_methods {
	return pointer[lib.Tsqlite3_io_methods](*pointer[uintptr](f.p))
}

// ReadAt implements [io.ReaderAt].
func (f *File) ReadAt(b []byte, at int64) (int, error) {
	n := int(max(0, min(int64(len(b)), f.Size-at)))
	if n > 0 {
		p := f.c.malloc(n)
		defer f.c.free(p)
		read := function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](f.methods().FxRead)
		if rc := read(f.c.tls, f.p, p, int32(n), at); rc != lib.SQLITE_OK {
			return 0, &Error{Code: int(rc), Msg: text(lib.Xsqlite3_errstr(f.c.tls, rc)), Offset: -1}
		}
		copy(b, unsafe.Slice(pointer[byte](p), n))
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// function is the inverse of callback: the Go function at an address of SQLite.
func function[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&struct{ p uintptr }{p}))
}
