package sqlite

import (
	"fmt"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Function is called from SQL with values as [Stmt.Value] gives them, and returns such
// a value, or an error, which ends the statement.
type Function func(args []any) (any, error)

// callable is a function that SQL can call; SQLite holds its address.
type callable struct {
	c    *Conn
	name string
	args int
	do   Function
}

// CreateFunction makes do callable in SQL under a name, with that number of arguments, or
// any number if args is -1. It must give the same result for the same arguments
// (https://sqlite.org/deterministic.html). The schema cannot call it, as in an index:
// other connections do not have it.
func (c *Conn) CreateFunction(name string, args int, do Function) error {
	f := &callable{c, name, args, do}
	c.functions = append(c.functions, f) // so that the collector sees it
	return c.function(f, callback(onFunction), lib.SQLITE_UTF8|lib.SQLITE_DETERMINISTIC|lib.SQLITE_DIRECTONLY)
}

// DropFunctions removes the functions of [Conn.CreateFunction]. No statement may be
// running.
func (c *Conn) DropFunctions() {
	for _, f := range c.functions {
		c.function(f, 0, lib.SQLITE_UTF8)
	}
	c.functions = nil
}

func (c *Conn) function(f *callable, call uintptr, flags int32) error {
	text := c.cstring(f.name)
	defer c.free(text)
	rc := lib.Xsqlite3_create_function_v2(c.tls, c.db, text, int32(f.args), flags,
		uintptr(unsafe.Pointer(f)), call, 0, 0, 0)
	if rc != lib.SQLITE_OK {
		return c.error(rc)
	}
	return nil
}

func onFunction(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr) {
	f := pointer[callable](lib.Xsqlite3_user_data(tls, ctx))
	args := make([]any, argc)
	for i := range args {
		args[i] = value(tls, *pointer[uintptr](argv + uintptr(i)*unsafe.Sizeof(argv)))
	}
	v, err := f.do(args)
	if err == nil {
		err = f.c.result(tls, ctx, v)
	}
	if err != nil {
		f.c.failure = err
		text := f.c.cstring(err.Error())
		defer f.c.free(text)
		lib.Xsqlite3_result_error(tls, ctx, text, -1)
	}
}

// result hands the value of a function to SQLite.
func (c *Conn) result(tls *libc.TLS, ctx uintptr, v any) error {
	switch v := v.(type) {
	case nil:
		lib.Xsqlite3_result_null(tls, ctx)
	case int64:
		lib.Xsqlite3_result_int64(tls, ctx, v)
	case float64:
		lib.Xsqlite3_result_double(tls, ctx, v)
	case string:
		p := c.cstring(v)
		defer c.free(p)
		lib.Xsqlite3_result_text(tls, ctx, p, int32(len(v)), transient)
	case []byte:
		p := c.cstring(string(v))
		defer c.free(p)
		lib.Xsqlite3_result_blob(tls, ctx, p, int32(len(v)), transient)
	default:
		return fmt.Errorf("sqlite: no SQL value for a %T", v)
	}
	return nil
}
