// Connections of tests, for which it is always the same time.

package sqlite

import (
	"sync"
	"unsafe"

	"fastmigrate/core/internal/still"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// stillVFS is the name, for C, of a file system (https://sqlite.org/vfs.html) that is
// the usual one with another clock.
var stillVFS = sync.OnceValue(func() uintptr {
	c := &Conn{tls: libc.NewTLS()} // none of it is ever freed
	vfs := *pointer[lib.Tsqlite3_vfs](lib.Xsqlite3_vfs_find(c.tls, 0))
	vfs.FpNext, vfs.FzName, vfs.FxCurrentTimeInt64 = 0, c.cstring("still"), callback(onTime)
	held := c.malloc(int(unsafe.Sizeof(vfs)))
	*pointer[lib.Tsqlite3_vfs](held) = vfs
	lib.Xsqlite3_vfs_register(c.tls, held, 0)
	return vfs.FzName
})

// onTime returns the time in milliseconds of the Julian day.
func onTime(_ *libc.TLS, _, to uintptr) int32 {
	const of1970 = 210866760000000
	*pointer[int64](to) = of1970 + still.Now.UnixMilli()
	return lib.SQLITE_OK
}

// repeat makes random() and randomblob() give the numbers of the source.
func (c *Conn) repeat(s *still.Source) error {
	c.repeated = []*callable{
		{c, "random", 0, func([]any) (any, error) { return s.Int64(), nil }},
		{c, "randomblob", 1, func(args []any) (any, error) {
			n, _ := args[0].(int64)
			return s.Bytes(int(min(max(n, 1), 1<<30))), nil
		}},
	}
	for _, f := range c.repeated {
		if err := c.function(f, callback(onFunction), lib.SQLITE_UTF8|lib.SQLITE_INNOCUOUS); err != nil {
			return err
		}
	}
	return nil
}
