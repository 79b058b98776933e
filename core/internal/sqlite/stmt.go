package sqlite

import (
	"context"
	"fmt"
	"strings"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Stmt is one prepared statement.
type Stmt struct {
	c       *Conn
	p       uintptr
	stepped bool // since the last reset

	parameters []string // their names; nil before they are asked for
	values     uintptr  // maxKept bytes of SQLite's memory for the texts and blobs of Bind; 0 before the first
}

// maxKept is how many bytes of a statement's values stay in one piece of memory, which the
// values of its next run replace.
const maxKept = 1 << 10

// Prepare compiles the one statement in sql and binds args to its parameters in their
// order: nil, int, int64, float64, string, []byte. A NUL byte is an error, since SQLite
// would end the text there.
func (c *Conn) Prepare(sql string, args ...any) (*Stmt, error) {
	if at := strings.IndexByte(sql, 0); at >= 0 {
		return nil, &Error{Code: lib.SQLITE_ERROR, Msg: "there is a NUL byte here", Offset: at}
	}
	text := c.cstring(sql)
	defer c.free(text)
	s, _, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	if err := s.Bind(args...); err != nil {
		s.Close()
		return nil, err
	}
	return &s, nil
}

// prepare compiles the first statement at text and gives where the next begins. If only
// blanks are left, the statement is empty, and its p is 0.
func (c *Conn) prepare(text uintptr) (Stmt, uintptr, error) {
	if c.ctx.Err() != nil {
		return Stmt{}, text, context.Cause(c.ctx)
	}
	rc := lib.Xsqlite3_prepare_v2(c.tls, c.db, text, -1, c.out, c.out+8)
	if rc != lib.SQLITE_OK {
		return Stmt{}, text, c.error(rc)
	}
	return Stmt{c: c, p: *pointer[uintptr](c.out)}, *pointer[uintptr](c.out + 8), nil
}

// Bind resets the statement and binds args to its parameters in their order.
func (s *Stmt) Bind(args ...any) error {
	s.Reset()
	kept := 0
	for i, arg := range args {
		n := int32(i + 1)
		var rc int32
		switch v := arg.(type) {
		case nil:
			rc = lib.Xsqlite3_bind_null(s.c.tls, s.p, n)
		case int:
			rc = lib.Xsqlite3_bind_int64(s.c.tls, s.p, n, int64(v))
		case int64:
			rc = lib.Xsqlite3_bind_int64(s.c.tls, s.p, n, v)
		case float64:
			rc = lib.Xsqlite3_bind_double(s.c.tls, s.p, n, v)
		case string:
			at, free := s.keep(v, &kept)
			rc = lib.Xsqlite3_bind_text(s.c.tls, s.p, n, at, int32(len(v)), free)
		case []byte:
			at, free := s.keep(unsafe.String(unsafe.SliceData(v), len(v)), &kept)
			rc = lib.Xsqlite3_bind_blob(s.c.tls, s.p, n, at, int32(len(v)), free)
		default:
			return fmt.Errorf("sqlite: no SQL value for a %T", arg)
		}
		if rc != lib.SQLITE_OK {
			return s.c.error(rc)
		}
	}
	return nil
}

// keep copies a value to memory that stays until the next Bind, and gives what SQLite does
// with it then (https://sqlite.org/c3ref/c_static.html). Kept is how many bytes of values are
// taken by the parameters before.
func (s *Stmt) keep(v string, kept *int) (at, free uintptr) {
	if *kept+len(v)+1 > maxKept {
		return s.c.cstring(v), freed
	}
	if s.values == 0 {
		s.values = s.c.malloc(maxKept)
	}
	at = s.values + uintptr(*kept)
	*kept += put(at, v)
	return at, static
}

const static = 0 // SQLITE_STATIC: the value stays where it is

// freed lets SQLite free a value that it was given, even if the call fails
// (https://sqlite.org/c3ref/bind_blob.html).
var freed = callback(lib.Xsqlite3_free)

const transient = ^uintptr(0) // SQLITE_TRANSIENT: SQLite copies the value

// Step runs to the next row and reports whether there is one.
func (s *Stmt) Step() (bool, error) {
	if s.p == 0 {
		return false, nil
	}
	if s.c.ctx.Err() != nil {
		return false, context.Cause(s.c.ctx)
	}
	s.c.running, s.stepped = s.p, true
	rc := lib.Xsqlite3_step(s.c.tls, s.p)
	s.c.running = 0
	switch rc {
	case lib.SQLITE_ROW:
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.error(rc)
	}
}

// Run runs to the end, and skips the rows.
func (s *Stmt) Run() error {
	for {
		if more, err := s.Step(); err != nil || !more {
			return err
		}
	}
}

// Close frees the statement.
func (s *Stmt) Close() {
	lib.Xsqlite3_finalize(s.c.tls, s.p)
	s.c.free(s.values)
	s.p, s.values = 0, 0
}

// Columns is the number of columns of a row.
func (s *Stmt) Columns() int { return int(lib.Xsqlite3_column_count(s.c.tls, s.p)) }

// Column is the name of column i, counted from 0.
func (s *Stmt) Column(i int) string {
	return libc.GoString(lib.Xsqlite3_column_name(s.c.tls, s.p, int32(i)))
}

// Parameters is the number of values that the statement takes.
func (s *Stmt) Parameters() int { return int(lib.Xsqlite3_bind_parameter_count(s.c.tls, s.p)) }

// ParameterNames returns the names of the parameters, with the sign before each; "?1" for ?1,
// "" for ? (https://sqlite.org/c3ref/bind_parameter_name.html).
func (s *Stmt) ParameterNames() []string {
	if s.parameters == nil {
		s.parameters = make([]string, s.Parameters())
		for i := range s.parameters {
			s.parameters[i] = text(lib.Xsqlite3_bind_parameter_name(s.c.tls, s.p, int32(i+1)))
		}
	}
	return s.parameters
}

// ReadOnly reports whether the statement cannot change a database
// (https://sqlite.org/c3ref/stmt_readonly.html).
func (s *Stmt) ReadOnly() bool { return lib.Xsqlite3_stmt_readonly(s.c.tls, s.p) != 0 }

// Reset ends the run of the statement, which can run again.
func (s *Stmt) Reset() {
	if s.stepped {
		s.stepped = false
		lib.Xsqlite3_reset(s.c.tls, s.p)
	}
}

// Int is column i, counted from 0, of the row as an integer.
func (s *Stmt) Int(i int) int64 {
	return int64(lib.Xsqlite3_column_int64(s.c.tls, s.p, int32(i)))
}

// Text is column i, counted from 0, of the row as text; NULL is "".
func (s *Stmt) Text(i int) string {
	p := lib.Xsqlite3_column_text(s.c.tls, s.p, int32(i))
	n := lib.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i))
	if p == 0 || n == 0 {
		return ""
	}
	return string(unsafe.Slice(pointer[byte](p), n))
}

// Is reports whether column i, counted from 0, of the row is that text, which must not be
// empty.
func (s *Stmt) Is(i int, text string) bool {
	p := lib.Xsqlite3_column_text(s.c.tls, s.p, int32(i))
	n := lib.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i))
	return p != 0 && string(unsafe.Slice(pointer[byte](p), n)) == text
}

// Value is column i, counted from 0, of the row as SQLite holds it: nil, int64,
// float64, string or []byte.
func (s *Stmt) Value(i int) any { return value(s.c.tls, s.column(i)) }

// Run runs a statement of this program's own to its end and skips its rows. It keeps the
// compiled statement for the next time, as it is for what runs in each of many transactions.
func (c *Conn) Run(sql string, args ...any) error {
	s := c.compiled[sql]
	if s == nil {
		var err error
		if s, err = c.Prepare(sql); err != nil {
			return err
		}
		if c.compiled == nil {
			c.compiled = map[string]*Stmt{}
		}
		c.compiled[sql] = s
	}
	defer s.Reset()
	if err := s.Bind(args...); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = s.Step(); err != nil {
			return err
		}
	}
	return nil
}

// Exec runs one statement to its end and skips its rows.
func (c *Conn) Exec(sql string, args ...any) error {
	return c.Query(func(*Stmt) error { return nil }, sql, args...)
}

// Query runs one statement and calls row for each row. It ends at the first error of row,
// and returns it.
func (c *Conn) Query(row func(*Stmt) error, sql string, args ...any) error {
	s, err := c.Prepare(sql, args...)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		more, err := s.Step()
		if err != nil || !more {
			return err
		}
		if err := row(s); err != nil {
			return err
		}
	}
}

// Int runs a query and gives the first column of its last row, 0 without one.
func (c *Conn) Int(sql string, args ...any) (n int64, err error) {
	err = c.Query(func(s *Stmt) error { n = s.Int(0); return nil }, sql, args...)
	return n, err
}

// Text runs a query and gives the first column of its last row, "" without one.
func (c *Conn) Text(sql string, args ...any) (t string, err error) {
	err = c.Query(func(s *Stmt) error { t = s.Text(0); return nil }, sql, args...)
	return t, err
}

// Texts runs a query and gives the first column of its rows, nil without one.
func (c *Conn) Texts(sql string, args ...any) (list []string, err error) {
	err = c.Query(func(s *Stmt) error { list = append(list, s.Text(0)); return nil }, sql, args...)
	return list, err
}
