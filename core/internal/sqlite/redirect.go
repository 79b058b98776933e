// Connections whose ATTACH opens other files than it names.

package sqlite

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Redirect makes ATTACH and VACUUM INTO open other files from now on: to gets each as the
// statement names it, an expression computed, and its absolute path, and returns the path
// to open. It must not use the connection. Where ATTACH opens no file, as for ":memory:", or follows a
// symbolic link, which the connection may not permit, all is as without. An error of to
// is that of the statement; a [syscall.Errno] in it becomes one of code [CantOpen], as if
// the system had given it to SQLite.
func (c *Conn) Redirect(to func(ctx context.Context, name, path string) (string, error)) {
	if _, again := redirected.Swap(c.tls, redirection{c, to}); !again {
		vfs := &pointer[lib.Tsqlite3](c.db).FpVfs
		*vfs = redirecting(*vfs)
	}
}

// Context is the context of the connection.
func (c *Conn) Context() context.Context { return c.ctx }

// redirection is what [Conn.Redirect] made of a connection.
type redirection struct {
	c  *Conn
	to func(ctx context.Context, name, path string) (string, error)
}

// redirected are those of open connections, by what SQLite gives to the functions of a
// file system.
var redirected sync.Map

// made are the file systems of redirecting, by those that they extend.
var made = struct {
	sync.Mutex
	vfs map[uintptr]uintptr
}{vfs: map[uintptr]uintptr{}}

// redirecting is a file system (https://sqlite.org/vfs.html) as base, which asks the
// connection what to open.
func redirecting(base uintptr) uintptr {
	made.Lock()
	defer made.Unlock()
	if vfs := made.vfs[base]; vfs != 0 {
		return vfs
	}
	c := &Conn{tls: libc.NewTLS()} // none of it is ever freed
	vfs := *pointer[lib.Tsqlite3_vfs](base)
	vfs.FpNext, vfs.FzName, vfs.FxFullPathname = 0, c.cstring("redirecting-"+text(vfs.FzName)), callback(onFullPathname)
	held := c.malloc(int(unsafe.Sizeof(vfs)))
	*pointer[lib.Tsqlite3_vfs](held) = vfs
	lib.Xsqlite3_vfs_register(c.tls, held, 0) // ATTACH looks for the name
	made.vfs[base] = held
	return held
}

// onFullPathname gives the path that SQLite opens for a name, and beside which it makes
// the journal.
func onFullPathname(tls *libc.TLS, vfs, name uintptr, size int32, out uintptr) int32 {
	usual := pointer[lib.Tsqlite3_vfs](lib.Xsqlite3_vfs_find(tls, 0))
	rc := function[func(tls *libc.TLS, vfs, name uintptr, size int32, out uintptr) int32](usual.FxFullPathname)(tls, vfs, name, size, out)
	found, ok := redirected.Load(tls)
	if rc != lib.SQLITE_OK || !ok { // also SQLITE_OK_SYMLINK, of a link
		return rc
	}
	r := found.(redirection)
	path, err := r.to(r.c.ctx, text(name), text(out))
	if err == nil && len(path) >= int(size) {
		err = syscall.ENAMETOOLONG
	}
	if err != nil {
		if no := syscall.Errno(0); errors.As(err, &no) {
			err = &Error{Code: CantOpen, Msg: "unable to open database: " + text(name), Offset: -1, Errno: int(no)}
		}
		r.c.failure = err
		return lib.SQLITE_CANTOPEN
	}
	b := unsafe.Slice(pointer[byte](out), size)
	b[copy(b, path)] = 0
	return lib.SQLITE_OK
}
