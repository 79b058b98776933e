package sqlite

import (
	"encoding/binary"
	"math"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Pack appends the values of the row to b, for [Unpack]: rows that are put aside take
// little more than their bytes, and Go's collector need not look at each value.
func (s *Stmt) Pack(b []byte) []byte {
	for i := range lib.Xsqlite3_column_count(s.c.tls, s.p) {
		p := s.column(int(i))
		kind := lib.Xsqlite3_value_type(s.c.tls, p)
		b = append(b, byte(kind))
		switch kind {
		case lib.SQLITE_INTEGER:
			b = binary.AppendVarint(b, lib.Xsqlite3_value_int64(s.c.tls, p))
		case lib.SQLITE_FLOAT:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(lib.Xsqlite3_value_double(s.c.tls, p)))
		case lib.SQLITE_TEXT, lib.SQLITE_BLOB:
			held := content(s.c.tls, p, kind)
			b = append(binary.AppendUvarint(b, uint64(len(held))), held...)
		}
	}
	return b
}

// Unpack returns the values of the row at the start of b, as [Stmt.Value] gave them, and
// what follows. Its number of columns is that of row.
func Unpack(b []byte, row []any) (rest []byte) {
	for i := range row {
		kind := b[0]
		b = b[1:]
		switch kind {
		case lib.SQLITE_INTEGER:
			v, n := binary.Varint(b)
			row[i], b = v, b[n:]
		case lib.SQLITE_FLOAT:
			row[i], b = math.Float64frombits(binary.LittleEndian.Uint64(b)), b[8:]
		case lib.SQLITE_TEXT, lib.SQLITE_BLOB:
			size, n := binary.Uvarint(b)
			end := n + int(size)
			if kind == lib.SQLITE_TEXT {
				row[i] = string(b[n:end])
			} else {
				row[i] = append([]byte{}, b[n:end]...)
			}
			b = b[end:]
		}
	}
	return b
}

// column is the value of a column of the row. To ask that for all is one lock, and not one
// for each question (https://sqlite.org/c3ref/column_blob.html).
func (s *Stmt) column(i int) uintptr { return lib.Xsqlite3_column_value(s.c.tls, s.p, int32(i)) }

// value is the value at an address of SQLite, as [Stmt.Value] gives it.
func value(tls *libc.TLS, p uintptr) any {
	switch kind := lib.Xsqlite3_value_type(tls, p); kind {
	case lib.SQLITE_INTEGER:
		return lib.Xsqlite3_value_int64(tls, p)
	case lib.SQLITE_FLOAT:
		return lib.Xsqlite3_value_double(tls, p)
	case lib.SQLITE_TEXT:
		return string(content(tls, p, kind))
	case lib.SQLITE_BLOB:
		return append([]byte{}, content(tls, p, kind)...)
	}
	return nil
}

// content is the bytes of a TEXT or BLOB in memory of SQLite's, where they stay until the value
// changes.
func content(tls *libc.TLS, p uintptr, kind int32) []byte {
	at := uintptr(0)
	if kind == lib.SQLITE_TEXT {
		at = lib.Xsqlite3_value_text(tls, p) // of a UTF-16 database too; before its length is asked
	} else {
		at = lib.Xsqlite3_value_blob(tls, p)
	}
	n := lib.Xsqlite3_value_bytes(tls, p)
	if at == 0 || n == 0 {
		return nil
	}
	return unsafe.Slice(pointer[byte](at), n)
}
