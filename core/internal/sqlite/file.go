package sqlite

import (
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Reset makes the connection treat the database as empty, whatever its file holds, so
// that a damaged one can be replaced
// (https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigresetdatabase).
func (c *Conn) Reset() { c.config(lib.SQLITE_DBCONFIG_RESET_DATABASE, true) }

// File is the main database file, through SQLite's handle of it. Opening
// the file a second time and closing it would drop the locks of this process
// (https://sqlite.org/howtocorrupt.html, 2.2).
type File struct {
	c    *Conn
	p    uintptr
	Size int64
}

// File returns the file of the main database as it is now.
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
	if err := f.move(f.methods().FxRead, b[:n], at); err != nil {
		return 0, err
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements [io.WriterAt]. SQLite is not told of it: the file must be one that
// no connection has read yet.
func (f *File) WriteAt(b []byte, at int64) (int, error) {
	if err := f.move(f.methods().FxWrite, b, at); err != nil {
		return 0, err
	}
	f.Size = max(f.Size, at+int64(len(b)))
	return len(b), nil
}

// atOnce is how many bytes a file system of SQLite's must move in one call: the largest
// page. The usual one writes less than 0x20000, whatever it is asked for.
const atOnce = 1 << 16

// move reads or writes all of b, as method does.
func (f *File) move(method uintptr, b []byte, at int64) error {
	call := function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](method)
	var pin runtime.Pinner
	defer pin.Unpin()
	for part := range slices.Chunk(b, atOnce) {
		pin.Pin(&part[0])
		if rc := call(f.c.tls, f.p, uintptr(unsafe.Pointer(&part[0])), int32(len(part)), at); rc != lib.SQLITE_OK {
			return f.c.plain(rc)
		}
		at += int64(len(part))
	}
	return nil
}

// Mapped calls do, in which the connection reads the main database through memory, as far
// as SQLite maps it (https://sqlite.org/mmap.html). It must be a file that no one else
// knows: where it cannot be read any more, as another process shortened it, do ends with
// an error of [IOErr], and the connection is only fit to be closed.
func (c *Conn) Mapped(do func() error) (err error) {
	if err := c.Exec("PRAGMA main.mmap_size = 0x7fffffffffffffff"); err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch p := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }: // as SetPanicOnFault says
			err = c.plain(lib.SQLITE_IOERR_READ)
		default:
			panic(p)
		}
	}()
	return do()
}

// function is the inverse of callback: the Go function at an address of SQLite.
func function[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&struct{ p uintptr }{p}))
}
